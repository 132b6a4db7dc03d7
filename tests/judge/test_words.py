"""Reasons in words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import autocull.judge
from autocull.judge import WORDS, describe
from autocull.judge.verdict import Reason


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason("eyes_closed", 0.04, 0.2), "Eyes closed on the marked face (open 4 %, limit 20 %)"),
        (Reason("out_of_focus", 0.124, 0.35), "Subject out of focus (sharp 12 %, limit 35 %)"),
        (Reason("too_dark", 0.97, 0.85), "Too dark (sure to 97 %, limit 85 %)"),
        (Reason("low_resolution", 96, 100), "The picture is small (long side 96 px, limit 100 px)"),
    ],
)
def test_a_reason_is_one_sentence_with_its_numbers(reason: Reason, text: str) -> None:
    """The text names the fault, what was measured, and the limit, in percent or pixels."""
    assert describe(reason) == text


@pytest.mark.parametrize("code", WORDS)
def test_every_code_has_words(code: str) -> None:
    """Each code has a name, a text with both numbers (a remark has none), and advice that is a sentence."""
    word = WORDS[code]
    text = describe(Reason(code, 0.1234, 0.5678))
    unit = ("12 %", "57 %") if word.unit == "percent" else ("0 px", "1 px")
    assert [number in text for number in unit] == [word.unit != "remark"] * 2
    assert word.name[0].isupper()
    assert word.advice.endswith(".")


def test_an_unknown_code_is_a_bug() -> None:
    """There are no words for a code that does not exist."""
    with pytest.raises(KeyError):
        describe(Reason("boredom", 0.5, 0.5))


def test_the_table_holds_exactly_the_codes_in_use() -> None:
    """Every code that judging writes has words, and no words are left over."""
    source = Path(autocull.judge.__file__).with_name("findings.py").read_text("utf-8")
    strings = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    assert set(WORDS) == {code for code in WORDS if code in strings}
    named = {text for text in strings if isinstance(text, str) and text.endswith("_doubtful")}
    assert named <= set(WORDS)


def test_codes_are_stable() -> None:
    """Programs rely on these codes: none disappears without a major version."""
    assert sorted(WORDS) == [
        "bright_doubtful",
        "damage_doubtful",
        "damaged",
        "dark_doubtful",
        "eyes_closed",
        "eyes_doubtful",
        "flare_doubtful",
        "focus_doubtful",
        "lens_flare",
        "low_quality",
        "low_resolution",
        "motion_blur",
        "noise",
        "noise_doubtful",
        "out_of_focus",
        "quality_doubtful",
        "too_bright",
        "too_dark",
    ]
