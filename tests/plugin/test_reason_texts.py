"""The plug-in's texts against the daemon's: every code has texts in both languages."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import pytest

from autocull.judge.texts.reasons import REASON_TEXTS, describe
from autocull.judge.verdict import BlurExtent, Reason
from plugin.literal_files import ROOT, english, table
from plugin.pure import Modules, read

ENGLISH = Modules()
GERMAN = Modules("de")


def reason_text(modules: Modules, code: str, measured: float = 0.031, limit: float = 0.2, **more: Any) -> str:
    """The sentence for a reason."""
    reason = {"code": code, "measured": measured, "limit": limit} | more
    text = read(modules["ReasonTexts"].reason(modules.table(reason)))
    assert isinstance(text, str)
    return text


def test_plugin_has_texts_for_every_code_and_no_other() -> None:
    """A new reason needs its texts here too."""
    assert read(ENGLISH["ReasonTexts"].codes()) == sorted(REASON_TEXTS)


@pytest.mark.parametrize("code", sorted(REASON_TEXTS))
def test_english_sentences_are_the_daemons(code: str) -> None:
    """A photographer reads the same in Lightroom and in the report."""
    measured, limit = (800.0, 1600.0) if REASON_TEXTS[code].unit == "pixels" else (0.031, 0.2)
    assert reason_text(ENGLISH, code, measured, limit) == describe(Reason(code, measured, limit))
    assert read(ENGLISH["ReasonTexts"].reasonName(code.encode())) == REASON_TEXTS[code].name


@pytest.mark.parametrize("code", sorted(REASON_TEXTS))
def test_german_sentences_hold_the_same_numbers(code: str) -> None:
    """Another language, the same measurement and the same limit."""
    english, german = reason_text(ENGLISH, code), reason_text(GERMAN, code)
    assert english != german
    assert re.findall(r"\d+", english) == re.findall(r"\d+", german)


def test_extent_of_a_missed_focus_is_named() -> None:
    """In English as the daemon names it, in German with the same numbers."""
    extent = BlurExtent(9.4, 269.6)
    english, german = (
        reason_text(modules, "out_of_focus", blur=asdict(extent)) for modules in (ENGLISH, GERMAN)
    )
    assert english == describe(Reason("out_of_focus", 0.031, 0.2, blur=extent))
    assert german.endswith("verfehlter Fokus, etwa 9 px breit bei 2048 px, 1/270 der Diagonale")


def test_unknown_code_has_the_daemons_text() -> None:
    """A daemon newer than the plug-in is still understood."""
    assert reason_text(ENGLISH, "tilted", text="The horizon is tilted") == "The horizon is tilted"
    assert reason_text(ENGLISH, "tilted") == "tilted"
    assert read(ENGLISH["ReasonTexts"].share(b"tilted", 1, 2)) == "1 of 2 rejects come from tilted"


def test_rejects_are_explained_by_their_share() -> None:
    """The sentence of the preview."""
    assert (
        read(ENGLISH["ReasonTexts"].share(b"eyes_closed", 27, 30)) == "27 of 30 rejects come from closed eyes"
    )


def test_every_reason_that_rejects_has_a_cause() -> None:
    """A share does not start with a column's title where there is a cause."""
    for code, word in REASON_TEXTS.items():
        if word.rejects:
            share = read(ENGLISH["ReasonTexts"].share(code.encode(), 1, 1)).removeprefix(
                "1 of 1 rejects come from "
            )
            assert share == share.lower()


@pytest.mark.parametrize(
    ("field", "function"),
    [("verdict", "verdict"), ("eyes", "eyes"), ("category", "category"), ("seriesKind", "kind")],
)
def test_codes_have_the_titles_of_the_metadata_panel(field: str, function: str) -> None:
    """A dialog and the Metadata panel use the same names."""
    fields = {each["id"]: each for each in table("MetadataDefinition.lua")["metadataFieldsForPhotos"]}
    values = fields[field]["values"]
    choices = [values[key] for key in values if isinstance(key, int)] if isinstance(values, dict) else values
    assert choices
    for choice in choices:
        assert read(ENGLISH["ReasonTexts"][function.encode()](choice["value"].encode())) == choice["title"]
    assert read(ENGLISH["ReasonTexts"][function.encode()](b"new")) == "new"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (5, "less than a minute left"),
        (70, "about a minute left"),
        (95, "about 2 minutes left"),
        (3000, "about 50 minutes left"),
    ],
)
def test_time_left_is_rounded(seconds: int | None, text: str | None) -> None:
    """Where it is unknown, nothing is shown."""
    assert read(ENGLISH["ReasonTexts"].timeLeft(seconds)) == text


def test_troubleshooting_messages_match_the_plugin() -> None:
    """A message of a dialog can be found there word for word."""
    rows = (
        (ROOT / "docs/lightroom.md")
        .read_text("utf-8")
        .split("| Message or symptom |", 1)[1]
        .split("\n\n", 1)[0]
    )
    messages = [
        text for row in rows.splitlines()[2:] for text in re.findall(r"\*([^*]+)\*", row.split("|")[1])
    ]
    assert len(messages) >= 6
    for message in messages:
        start = message.removesuffix("…").strip()
        assert any(text.startswith(start) for text in english().values()), message
