"""The closed table of reason codes, and the words for each: codes never change, words may."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from autocull.judge.verdict import Beside, Reason
from autocull.series.model import SETS, Kind, Place


class Word(NamedTuple):
    """The words for one reason code.

    `name` heads a table's column; `text` is the sentence, with `measured` and `limit` to fill in, and with
    `frame` and `ahead` where it speaks of another frame; `advice` says what the photographer can do.
    `crossed` says on which side of its limit the measured number lies, and `rejects` whether the code rejects
    or only raises doubt (or, where it `keeps`, speaks for the photo). `unit` is "percent" for shares,
    "pixels", or "remark" for what is simply so, whose text names no numbers.
    """

    name: str
    text: str
    advice: str
    crossed: Literal["below", "above"]
    rejects: bool
    unit: Literal["percent", "pixels", "remark"] = "percent"
    keeps: bool = False


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
        "better_in_series": Word(
            "Better in its series",
            "{frame} of this series is better{ahead} (merit {measured}, kept from {limit} on)",
            "Look at both side by side.",
            "below",
            True,
        ),
        "better_doubtful": Word(
            "Perhaps better in its series",
            "{frame} of this series is perhaps better{ahead} (merit {measured}, there {limit})",
            "Look at both side by side, and choose.",
            "below",
            False,
        ),
        "copy": Word(
            "Copy",
            "{frame} is the same picture (long side here {measured}, there {limit})",
            "One of them is enough.",
            "below",
            True,
            "pixels",
        ),
        "copy_doubtful": Word(
            "Perhaps a copy",
            "{frame}, doubtful itself, is the same picture (long side here {measured}, there {limit})",
            "Look at both side by side, and choose.",
            "below",
            False,
            "pixels",
        ),
        "kept_whole": Word(
            "Kept whole",
            "Part of a set (bracket, focus stack or panorama) that is kept whole",
            "Look at the set together.",
            "above",
            False,
            "remark",
        ),
        "select_unlikely": Word(
            "Select unlikely",
            "You would hardly select it (probability {measured}, rejected up to {limit})",
            "Look at what you learned from: `autocull learn --report` shows it.",
            "below",
            True,
        ),
        "select_spares": Word(
            "Select possible",
            "You might select it all the same (probability {measured}, rejected up to {limit} only)",
            "Look at it: your own taste and the networks contradict each other.",
            "above",
            False,
        ),
        "select_likely": Word(
            "Select likely",
            "You would probably select it (probability {measured}, limit {limit})",
            "Look at it first.",
            "above",
            False,
            keeps=True,
        ),
    }
)
"""Every reason code with its words."""

_AHEAD_FROM = 0.005
"""A lead that would be written as 0 % is none."""


def describe(reason: Reason) -> str:
    """The reason as one sentence without a full stop: what, measured, limit, and which other frame."""
    word, beside = WORDS[reason.code], reason.beside
    return word.text.format(
        measured=number(reason.measured, word.unit),
        limit=number(reason.limit, word.unit),
        frame="Another frame" if beside is None else f"Frame {beside.path.name}",
        ahead="" if beside is None else _ahead(beside),
    )


def _ahead(beside: Beside) -> str:
    """In what another frame is ahead: ": eyes open (face 2 of 3 from the left blinks here)"."""
    leads = []
    if beside.blinking:
        leads.append(f"eyes open ({_who_blinks(beside)})")
    elif beside.eyes >= _AHEAD_FROM:
        leads.append(f"eyes more open by {number(beside.eyes)}")
    if beside.sharp >= _AHEAD_FROM:
        leads.append(f"sharper by {number(beside.sharp)}")
    if beside.light >= _AHEAD_FROM:
        leads.append(f"its light nearer to the others' by {number(beside.light)}")
    return f": {', '.join(leads)}" if leads else ""


def _who_blinks(beside: Beside) -> str:
    if beside.faces == 1:
        return "closed here"
    faces = " and ".join(str(face) for face in beside.blinking)
    plural = len(beside.blinking) > 1
    what, verb = ("faces", "blink") if plural else ("face", "blinks")
    return f"{what} {faces} of {beside.faces} from the left {verb} here"


KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "single": "alone",
        "duplicate": "copies",
        "burst": "burst",
        "bracket": "bracket",
        "focus_stack": "focus stack",
        "panorama": "panorama",
    }
)
"""Each kind of series as the photographer reads it."""


def place_words(place: Place) -> str:
    """A photo's place in its series: "Burst of 5: rank 2, after IMG_0042.JPG"; a set has no ranks."""
    if place.kind == "single":
        return "Alone: no series"
    kind = f"{KINDS[place.kind].capitalize()} of {place.size}"
    if place.kind in SETS:
        return f"{kind}: frame {place.rank}, kept whole"
    return f"{kind}: the best" if place.rank == 1 else f"{kind}: rank {place.rank}, after {place.best.name}"


def number(value: float, unit: str = "percent") -> str:
    """A measured number or a limit as it stands in a sentence: "4 %", or "96 px"."""
    return f"{value:.0f} px" if unit == "pixels" else f"{100 * value:.0f} %"
