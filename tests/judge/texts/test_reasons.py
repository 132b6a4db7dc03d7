"""Texts of reasons."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import autocull.judge
from autocull.judge import REASON_TEXTS, describe
from autocull.judge.criteria import list_reasons
from autocull.judge.texts.reasons import describe_position
from autocull.judge.verdict import BetterFrame, BlurExtent, Reason
from autocull.series.model import SeriesPosition


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason("eyes_closed", 0.04, 0.2), "Eyes closed on the marked face (open 4 %, limit 20 %)"),
        (Reason("out_of_focus", 0.124, 0.35), "Subject out of focus (sharp 12 %, limit 35 %)"),
        (
            Reason("out_of_focus", 0.124, 0.35, blur=BlurExtent(9.4, 269.6)),
            (
                "Subject out of focus (sharp 12 %, limit 35 %): "
                "a missed focus about 9 px wide at 2048 px, 1/270 of the diagonal"
            ),
        ),
        (Reason("too_dark", 0.97, 0.85), "Too dark (sure to 97 %, limit 85 %)"),
        (Reason("low_resolution", 96, 100), "The picture is small (long side 96 px, limit 100 px)"),
        (
            Reason("select_unlikely", 0.02, 0.05),
            "You would hardly select it (probability 2 %, rejected up to 5 %)",
        ),
    ],
)
def test_a_reason_is_one_sentence_with_its_numbers(reason: Reason, text: str) -> None:
    """The text names the fault, what was measured, and the limit, in percent or pixels."""
    assert describe(reason) == text


@pytest.mark.parametrize("code", REASON_TEXTS)
def test_every_code_has_texts(code: str) -> None:
    """Each code has a name, a text with both numbers (a remark has none), and advice that is a sentence."""
    reason_text = REASON_TEXTS[code]
    text = describe(Reason(code, 0.1234, 0.5678))
    unit = ("12 %", "57 %") if reason_text.unit == "percent" else ("0 px", "1 px")
    assert [number in text for number in unit] == [reason_text.unit != "remark"] * 2
    assert reason_text.name[0].isupper()
    assert reason_text.advice.endswith(".")


@pytest.mark.parametrize(
    ("better_frame", "expected"),
    [
        (None, "Another frame of this series is better (merit"),
        (BetterFrame(Path("shoot/IMG_2.JPG")), "Frame IMG_2.JPG of this series is better (merit"),
        (
            BetterFrame(Path("b"), eyes=0.4, sharp=0.12),
            "is better: eyes more open by 40 %, sharper by 12 % (merit",
        ),
        (
            BetterFrame(Path("b"), sharp=-0.2, light=0.3),
            "better: its light nearer to the others' by 30 % (merit",
        ),
        (BetterFrame(Path("b"), eyes=0.9, blinking=(1,), faces=1), "better: eyes open (closed here) (merit"),
        (BetterFrame(Path("b"), blinking=(2,), faces=3), "eyes open (face 2 of 3 from the left blinks here)"),
        (
            BetterFrame(Path("b"), blinking=(1, 3), faces=3),
            "eyes open (faces 1 and 3 of 3 from the left blink here)",
        ),
        (BetterFrame(Path("b"), sharp=0.004), "Frame b of this series is better (merit"),
    ],
)
def test_a_better_frame_is_named_with_its_lead(better_frame: BetterFrame | None, expected: str) -> None:
    """Its name, open eyes and who blinks, sharpness and light; a lead that rounds to nothing is none."""
    assert expected in describe(Reason("better_in_series", 0.5, 0.6, None, better_frame))


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (SeriesPosition("a", "single", 1, 1, Path("a.jpg")), "Alone: no series"),
        (SeriesPosition("a", "burst", 1, 5, Path("a.jpg")), "Burst of 5: the best"),
        (SeriesPosition("a", "duplicate", 2, 2, Path("x/a.jpg")), "Copies of 2: rank 2, after a.jpg"),
        (SeriesPosition("a", "focus_stack", 2, 9, Path("a.jpg")), "Focus stack of 9: frame 2, kept whole"),
    ],
)
def test_a_position_in_a_series_is_described(position: SeriesPosition, expected: str) -> None:
    """Kind, size and rank; sets have no ranks."""
    assert describe_position(position) == expected


def test_an_unknown_code_raises() -> None:
    """There is no text for a code that does not exist."""
    with pytest.raises(KeyError):
        describe(Reason("boredom", 0.5, 0.5))


def test_the_table_holds_exactly_the_codes_in_use() -> None:
    """The codes of series, taste and pages are those that judging writes; the others are the criteria's."""
    strings = set[object]()
    for name in ("ranking.py", "series_context.py", "pages.py"):
        source = Path(autocull.judge.__file__).with_name(name).read_text("utf-8")
        strings |= {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    assert set(REASON_TEXTS) - set(dict(list_reasons())) == strings & set(REASON_TEXTS)


def test_codes_are_stable() -> None:
    """Programs rely on these codes: none disappears without a major version."""
    assert sorted(REASON_TEXTS) == [
        "better_doubtful",
        "better_in_series",
        "blink_in_series",
        "bright_doubtful",
        "copy",
        "copy_doubtful",
        "damage_doubtful",
        "damaged",
        "dark_doubtful",
        "document",
        "eyes_closed",
        "eyes_doubtful",
        "eyes_on_purpose",
        "flare_doubtful",
        "focus_doubtful",
        "kept_whole",
        "lens_flare",
        "low_quality",
        "low_resolution",
        "motion_blur",
        "noise",
        "noise_doubtful",
        "out_of_focus",
        "quality_doubtful",
        "recoverable",
        "screenshot",
        "select_likely",
        "select_spares",
        "select_unlikely",
        "sharp_subject",
        "too_bright",
        "too_dark",
    ]
