"""Texts of reasons: the closed table of codes with their texts, and sentences made of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autocull.judge.criteria import list_reasons
from autocull.judge.criterion import ReasonText
from autocull.judge.verdict import BetterFrame, BlurExtent, Reason
from autocull.series import SETS, Kind, SeriesPosition

REASON_TEXTS: Mapping[str, ReasonText] = MappingProxyType(
    {
        **dict(list_reasons()),
        "document": ReasonText(
            "Document",
            "Looks like a document (text on {measured} of it, limit {limit})",
            "Its light and its compression are not judged.",
            "above",
            False,
            keeps=True,
        ),
        "screenshot": ReasonText(
            "Screenshot",
            "Looks like a screenshot (drawn pixels on {measured} of it, limit {limit})",
            "Its light and its compression are not judged.",
            "above",
            False,
            keeps=True,
        ),
        "blink_in_series": ReasonText(
            "Blink in its series",
            "Eyes closed, and {frame} of this series is as good otherwise{ahead} "
            "(open {measured}, there {limit})",
            "Compare both side by side.",
            "below",
            True,
            cause="closed eyes",
        ),
        "better_in_series": ReasonText(
            "Better in its series",
            "{frame} of this series is better{ahead} (merit {measured}, kept from {limit} on)",
            "Compare both side by side.",
            "below",
            True,
            cause="better frames of a series",
        ),
        "better_doubtful": ReasonText(
            "Perhaps better in its series",
            "{frame} of this series is perhaps better{ahead} (merit {measured}, there {limit})",
            "Compare both side by side, and choose.",
            "below",
            False,
        ),
        "copy": ReasonText(
            "Copy",
            "{frame} is the same picture (long side here {measured}, there {limit})",
            "One of them is enough.",
            "below",
            True,
            "pixels",
            cause="copies",
        ),
        "copy_doubtful": ReasonText(
            "Perhaps a copy",
            "{frame}, doubtful itself, is the same picture (long side here {measured}, there {limit})",
            "Compare both side by side, and choose.",
            "below",
            False,
            "pixels",
        ),
        "kept_whole": ReasonText(
            "Kept whole",
            "Part of a set (bracket, focus stack or panorama) that is kept whole",
            "Check the set as a whole.",
            "above",
            False,
            "remark",
        ),
        "select_unlikely": ReasonText(
            "Select unlikely",
            "You would hardly select it (probability {measured}, rejected up to {limit})",
            "Check what the taste learned from: `autocull learn --report` shows it.",
            "below",
            True,
            cause="your own taste",
        ),
        "select_spares": ReasonText(
            "Select possible",
            "You might select it all the same (probability {measured}, rejected up to {limit} only)",
            "Check it: your own taste and the networks contradict each other.",
            "above",
            False,
        ),
        "select_likely": ReasonText(
            "Select likely",
            "You would probably select it (probability {measured}, limit {limit})",
            "Check it first.",
            "above",
            False,
            keeps=True,
        ),
    }
)
"""Every reason code with its texts: those of the criteria, of series and of the taste."""

_MIN_LEAD = 0.005
"""A smaller lead is left out: it would be written as 0 %."""


def describe(reason: Reason) -> str:
    """Return the reason as a sentence without a full stop: what, numbers, better frame, extent."""
    reason_text, better_frame = REASON_TEXTS[reason.code], reason.better_frame
    sentence = reason_text.text.format(
        measured=format_number(reason.measured, reason_text.unit),
        limit=format_number(reason.limit, reason_text.unit),
        frame="Another frame" if better_frame is None else f"Frame {better_frame.path.name}",
        ahead="" if better_frame is None else _describe_lead(better_frame),
    )
    return sentence if reason.blur is None else f"{sentence}: a missed focus {describe_extent(reason.blur)}"


def describe_extent(blur: BlurExtent) -> str:
    """Describe an extent: "about 9 px wide at 2048 px, 1/270 of the diagonal"."""
    return f"about {blur.pixels:.0f} px wide at 2048 px, 1/{blur.per_diagonal:.0f} of the diagonal"


def _describe_lead(better_frame: BetterFrame) -> str:
    """Return in what another frame is ahead: ": eyes open (face 2 of 3 from the left blinks here)"."""
    leads = []
    if better_frame.blinking:
        leads.append(f"eyes open ({_describe_blinks(better_frame)})")
    elif better_frame.eyes >= _MIN_LEAD:
        leads.append(f"eyes more open by {format_number(better_frame.eyes)}")
    if better_frame.sharp >= _MIN_LEAD:
        leads.append(f"sharper by {format_number(better_frame.sharp)}")
    if better_frame.light >= _MIN_LEAD:
        leads.append(f"its light nearer to the others' by {format_number(better_frame.light)}")
    return f": {', '.join(leads)}" if leads else ""


def _describe_blinks(better_frame: BetterFrame) -> str:
    if better_frame.faces == 1:
        return "closed here"
    faces = " and ".join(str(face) for face in better_frame.blinking)
    plural = len(better_frame.blinking) > 1
    noun, verb = ("faces", "blink") if plural else ("face", "blinks")
    return f"{noun} {faces} of {better_frame.faces} from the left {verb} here"


KIND_NAMES: Mapping[Kind, str] = MappingProxyType(
    {
        "single": "alone",
        "duplicate": "copies",
        "burst": "burst",
        "bracket": "bracket",
        "focus_stack": "focus stack",
        "panorama": "panorama",
    }
)
"""Each kind of series, named for the photographer."""


def describe_position(position: SeriesPosition) -> str:
    """Describe a position in a series: "Burst of 5: rank 2, after IMG_0042.JPG"; sets have no ranks."""
    if position.kind == "single":
        return "Alone: no series"
    kind = f"{KIND_NAMES[position.kind].capitalize()} of {position.size}"
    if position.kind in SETS:
        return f"{kind}: frame {position.rank}, kept whole"
    return (
        f"{kind}: the best"
        if position.rank == 1
        else f"{kind}: rank {position.rank}, after {position.best.name}"
    )


def format_number(value: float, unit: str = "percent") -> str:
    """Format a measured number or a limit: "4 %", or "96 px"."""
    return f"{value:.0f} px" if unit == "pixels" else f"{100 * value:.0f} %"
