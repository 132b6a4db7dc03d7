"""The closed table of reason codes, and the words for each: codes never change, words may."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from autocull.judge.verdict import Reason


class Word(NamedTuple):
    """The words for one reason code.

    `name` heads a table's column; `text` is the sentence, with `measured` and `limit` to fill in; `advice`
    says what the photographer can do. `crossed` says on which side of its limit the measured number lies, and
    `rejects` whether the code rejects or only raises doubt. `unit` is "percent" for shares, "pixels", or
    "remark" for what is simply so, whose text names no numbers.
    """

    name: str
    text: str
    advice: str
    crossed: Literal["below", "above"]
    rejects: bool
    unit: Literal["percent", "pixels", "remark"] = "percent"


_LOOK_EYES = "Look at the marked face; a series may hold a frame with open eyes."
_LOOK_FOCUS = "Look at the marked region at 100 %."
_LOOK_LIGHT = "Look whether it was meant so; a RAW file has room to correct."

WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "eyes_closed": Word(
            "Eyes closed",
            "Eyes closed on the marked face (open {measured}, limit {limit})",
            _LOOK_EYES,
            "below",
            True,
        ),
        "eyes_doubtful": Word(
            "Eyes doubtful",
            "Eyes perhaps closed on the marked face (open {measured}, limit {limit})",
            _LOOK_EYES,
            "below",
            False,
        ),
        "out_of_focus": Word(
            "Out of focus",
            "Subject out of focus (sharp {measured}, limit {limit})",
            _LOOK_FOCUS,
            "below",
            True,
        ),
        "motion_blur": Word(
            "Motion blur",
            "Subject blurred by motion (sharp {measured}, limit {limit})",
            _LOOK_FOCUS,
            "below",
            True,
        ),
        "focus_doubtful": Word(
            "Focus doubtful",
            "Subject perhaps soft (sharp {measured}, limit {limit})",
            _LOOK_FOCUS,
            "below",
            False,
        ),
        "too_dark": Word(
            "Too dark", "Too dark (sure to {measured}, limit {limit})", _LOOK_LIGHT, "above", True
        ),
        "dark_doubtful": Word(
            "Perhaps too dark",
            "Perhaps too dark (sure to {measured}, limit {limit})",
            _LOOK_LIGHT,
            "above",
            False,
        ),
        "too_bright": Word(
            "Too bright", "Too bright (sure to {measured}, limit {limit})", _LOOK_LIGHT, "above", True
        ),
        "bright_doubtful": Word(
            "Perhaps too bright",
            "Perhaps too bright (sure to {measured}, limit {limit})",
            _LOOK_LIGHT,
            "above",
            False,
        ),
        "lens_flare": Word(
            "Lens flare",
            "Lens flare covers the picture (sure to {measured}, limit {limit})",
            "Look whether it was meant so.",
            "above",
            True,
        ),
        "flare_doubtful": Word(
            "Perhaps lens flare",
            "Perhaps lens flare (sure to {measured}, limit {limit})",
            "Look whether it was meant so.",
            "above",
            False,
        ),
        "low_quality": Word(
            "Compression loss",
            "The file lost too much to compression (sure to {measured}, limit {limit})",
            "Look for the original file.",
            "above",
            True,
        ),
        "quality_doubtful": Word(
            "Perhaps compression loss",
            "The file perhaps lost much to compression (sure to {measured}, limit {limit})",
            "Look for the original file.",
            "above",
            False,
        ),
        "noise": Word(
            "Noise",
            "Too noisy (sure to {measured}, limit {limit})",
            "Look whether noise reduction saves it.",
            "above",
            True,
        ),
        "noise_doubtful": Word(
            "Perhaps too noisy",
            "Perhaps too noisy (sure to {measured}, limit {limit})",
            "Look whether noise reduction saves it.",
            "above",
            False,
        ),
        "damaged": Word(
            "Damaged",
            "The file is damaged: its data contradict themselves",
            "Copy the file from the card again.",
            "above",
            True,
            "remark",
        ),
        "damage_doubtful": Word(
            "Perhaps damaged",
            "The file is perhaps damaged: its data contradict themselves",
            "Look at the whole picture; copy the file from the card again.",
            "above",
            False,
            "remark",
        ),
        "low_resolution": Word(
            "Low resolution",
            "The picture is small (long side {measured}, limit {limit})",
            "Look for the original file, or for a RAW file with a larger preview.",
            "below",
            False,
            "pixels",
        ),
    }
)
"""Every reason code with its words."""


def describe(reason: Reason) -> str:
    """The reason as one sentence without a full stop: what, measured, limit."""
    word = WORDS[reason.code]
    return word.text.format(
        measured=number(reason.measured, word.unit), limit=number(reason.limit, word.unit)
    )


def number(value: float, unit: str = "percent") -> str:
    """A measured number or a limit as it stands in a sentence: "4 %", or "96 px"."""
    return f"{value:.0f} px" if unit == "pixels" else f"{100 * value:.0f} %"
