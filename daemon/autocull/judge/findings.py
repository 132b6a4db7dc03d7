"""Findings against a single photo, criterion by criterion, and its score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import hypot, prod
from typing import Literal, NamedTuple

from autocull.judge.criteria import DAMAGE, DEFOCUS, EYES, MOTION, RESOLUTION
from autocull.judge.eyes import PhotoEyes
from autocull.judge.pages import judged_defects, page_remarks
from autocull.judge.settings import Settings
from autocull.judge.verdict import BlurExtent, Reason
from autocull.measure import Evidence, Focus
from autocull.read import Box

LOW_RESOLUTION_PREVIEW = "low_resolution_preview"
"""The reader's remark for a RAW file of which only a small preview could be read."""

MAYBE_DAMAGED = "maybe_damaged"
"""The reader's remark for a file that could be read although its data contradict themselves."""

VIEWED_SIDE = 2048
"""px: the long side of the view in which the width of a blur is given."""

MIN_EXTENT = 8.0
"""px at 2048: the extent of a narrower missed focus is not reliable, and not named (models/focus/card.md)."""

MIN_EXTENT_SIDE = 500
"""px: the extent in a photo with a shorter long side is not named; it was measured on none."""

FocusDoubtReason = Literal["plain", "small", "preview", "slight", "second"]
"""Why softness only raises a doubt."""


class Finding(NamedTuple):
    """A number past its limit: whether it rejects, how far it is past the limit (0-1), and the reason."""

    rejects: bool
    severity: float
    reason: Reason


class Softness(NamedTuple):
    """The probability (0-1) of a sharp subject, by the softness that counts in the settings.

    `sharp` counts all softness that may raise a doubt, `sharp_to_reject` only what may reject;
    `mostly_motion` is true where motion is the larger part of the latter.
    """

    sharp: float
    sharp_to_reject: float
    mostly_motion: bool


def make_finding_below(
    code: str, measured: float, limit: float, box: Box | None = None, *, rejects: bool = False
) -> Finding:
    """Make the finding of a number at or below its limit."""
    return Finding(rejects, (limit - measured) / limit if limit else 1.0, Reason(code, measured, limit, box))


def make_finding_above(code: str, measured: float, limit: float, *, rejects: bool = False) -> Finding:
    """Make the finding of a probability at or above its limit."""
    span = 1 - limit
    return Finding(rejects, (measured - limit) / span if span else 1.0, Reason(code, measured, limit))


def check_eyes(evidence: Evidence, eyes: PhotoEyes, settings: Settings) -> Iterator[Finding]:
    """Check for closed eyes; the worst face that can be judged decides. Perhaps on purpose is a remark."""
    trust, closed, worst, on_purpose = settings.eyes_trust, eyes.closed, eyes.worst, eyes.on_purpose
    if trust == "ignore":
        return
    if trust == "reject" and closed is not None and closed.open <= settings.eyes_reject:
        box = evidence.faces[closed.face].box
        yield make_finding_below(EYES.reject_code, closed.open, settings.eyes_reject, box, rejects=True)
    elif worst is not None and worst.open <= settings.eyes_doubt:
        yield make_finding_below(
            EYES.doubt_code, worst.open, settings.eyes_doubt, evidence.faces[worst.face].box
        )
    elif on_purpose is not None and on_purpose.open <= settings.eyes_doubt:
        box = evidence.faces[on_purpose.face].box
        yield make_finding_below(EYES.remark_code, on_purpose.open, settings.eyes_doubt, box)


def compute_softness(focus: Focus, settings: Settings) -> Softness:
    """Weigh defocus and motion by their trust, over the subject or over the frame's textured tiles.

    A tile has no cause of its softness: the frame's is divided between defocus and motion as the subject's
    is.
    """
    defocus, motion = focus.defocus, focus.motion
    if settings.focus_on == "frame":
        soft, total = 1 - compute_frame_sharpness(focus, settings), defocus + motion
        defocus, motion = (soft * defocus / total, soft * motion / total) if total > 0 else (soft, 0.0)
    defocus_trust, motion_trust = settings.defocus_trust, settings.motion_trust
    considered = (defocus if defocus_trust != "ignore" else 0.0) + (
        motion if motion_trust != "ignore" else 0.0
    )
    by_defocus, by_motion = (
        (defocus if defocus_trust == "reject" else 0.0),
        (motion if motion_trust == "reject" else 0.0),
    )
    return Softness(max(0.0, 1 - considered), max(0.0, 1 - by_defocus - by_motion), by_motion > by_defocus)


def compute_frame_sharpness(focus: Focus, settings: Settings) -> float:
    """Compute the probability (0-1) of a sharp frame: the mean of its textured tiles, else the subject's."""
    pairs = (pair for row in zip(focus.tiles, focus.texture, strict=True) for pair in zip(*row, strict=True))
    sharp = [sharp for sharp, texture in pairs if texture >= settings.focus_texture_min]
    return sum(sharp) / len(sharp) if sharp else focus.sharp


def check_focus(evidence: Evidence, soft: Softness, settings: Settings) -> Iterator[Finding]:
    """Check for a soft subject or frame; it rejects only where there is texture and the networks agree.

    Blur of the whole frame around a sharp subject is a remark: it says why the photo is kept all the same.
    """
    box = evidence.focus.subject if settings.focus_on == "subject" else None
    if soft.sharp_to_reject <= settings.focus_reject and focus_doubt_reason(evidence, settings) is None:
        code = (MOTION if soft.mostly_motion else DEFOCUS).reject_code
        finding = make_finding_below(code, soft.sharp_to_reject, settings.focus_reject, box, rejects=True)
        yield finding if soft.mostly_motion else _with_extent(finding, evidence)
    elif soft.sharp <= settings.focus_doubt:
        finding = make_finding_below(DEFOCUS.doubt_code, soft.sharp, settings.focus_doubt, box)
        yield _with_extent(finding, evidence)
    elif settings.focus_on == "subject" and evidence.focus.sharp > settings.focus_doubt:
        yield from _remark_blurred_frame(evidence, settings)


def measure_extent(evidence: Evidence) -> BlurExtent | None:
    """Return the extent of the subject's missed focus, None where there is none or it is not reliable."""
    blur, long_side = evidence.focus.blur, max(evidence.width, evidence.height)
    if blur * VIEWED_SIDE < MIN_EXTENT or long_side < MIN_EXTENT_SIDE:
        return None
    diagonal = hypot(evidence.width, evidence.height) / long_side
    return BlurExtent(blur * VIEWED_SIDE, diagonal / blur)


def _with_extent(finding: Finding, evidence: Evidence) -> Finding:
    return finding._replace(reason=replace(finding.reason, blur=measure_extent(evidence)))


def _remark_blurred_frame(evidence: Evidence, settings: Settings) -> Iterator[Finding]:
    """Yield the remark on a sharp subject where a label of the whole frame is blur."""
    for criterion in (MOTION, DEFOCUS):
        chance, limit = evidence.defects[criterion.label], criterion.limit_of_label(settings)
        if chance >= limit:
            finding = make_finding_above(MOTION.remark_code, chance, limit)
            yield finding._replace(reason=replace(finding.reason, box=evidence.focus.subject))
            return


def focus_doubt_reason(evidence: Evidence, settings: Settings) -> FocusDoubtReason | None:
    """Return why softness may not reject, None where it may.

    "plain": no tile has enough texture; "small": the picture has too few pixels, and may be enlarged, which
    a RAW is not; "preview": only a small preview could be read; "slight": the missed focus is not wide
    enough; "second": the whole-frame network does not agree.
    """
    texture = max(map(max, evidence.focus.texture), default=0.0)
    if texture < settings.focus_plain:
        return "plain"
    if LOW_RESOLUTION_PREVIEW in evidence.remarks:
        return "preview"
    is_enlarged = evidence.kind != "raw"  # perhaps; a RAW is as its sensor recorded it
    if is_enlarged and max(evidence.width, evidence.height) < settings.focus_size_min:
        return "small"
    if 0 < evidence.focus.blur * VIEWED_SIDE < settings.focus_blur_min:
        return "slight"
    by_region = evidence.focus.found_by == "region"
    if settings.focus_second == "never" or (settings.focus_second == "face" and by_region):
        return None
    return None if frame_blur_probability(evidence) >= settings.focus_second_min else "second"


def frame_blur_probability(evidence: Evidence) -> float:
    """Return the whole-frame network's probability (0-1) of blur, of either kind."""
    return max(evidence.defects["defocus"], evidence.defects["motion_blur"])


def check_defects(evidence: Evidence, settings: Settings) -> Iterator[Finding]:
    """Check the labels of the defects network; some reject only where the measured light agrees."""
    for criterion in judged_defects(evidence, settings):
        trust, reject, doubt = criterion.limits(settings)
        chance = evidence.defects[criterion.label]
        confirmed = criterion.is_confirmed(evidence, settings)
        if trust != "ignore" and chance >= doubt and criterion.is_spared(evidence, settings):
            yield make_finding_above(criterion.remark_code, chance, doubt)
        elif trust == "reject" and confirmed and chance >= reject:
            yield make_finding_above(criterion.reject_code, chance, reject, rejects=True)
        elif trust != "ignore" and chance >= doubt:
            yield make_finding_above(criterion.doubt_code, chance, doubt)


def check_page(evidence: Evidence, settings: Settings) -> Iterator[Finding]:
    """Check for a page of text or a screenshot, which is a remark."""
    for severity, reason in page_remarks(evidence, settings):
        yield Finding(False, severity, reason)


def check_file(evidence: Evidence, settings: Settings) -> Iterator[Finding]:
    """Check for a damaged file and for too few pixels."""
    if MAYBE_DAMAGED in evidence.remarks and settings.damage_trust != "ignore":
        rejects = settings.damage_trust == "reject"
        # A remark is there or not: measured value and limit are both 1.
        yield make_finding_above(
            DAMAGE.reject_code if rejects else DAMAGE.doubt_code, 1.0, 1.0, rejects=rejects
        )
    side = max(evidence.width, evidence.height)
    if side < settings.resolution_doubt:
        yield make_finding_below(RESOLUTION.doubt_code, side, settings.resolution_doubt)


def compute_score(evidence: Evidence, eyes: PhotoEyes, soft: Softness, settings: Settings) -> float:
    """Compute the score (0-1): the product of open eyes, sharpness, exposure and freedom from defects.

    Each is a probability raised to its `score_*` exponent, so that one very low part makes the score low;
    what
    the settings ignore is left out. The score never rises when eyes close, focus softens or a defect grows.
    """
    openness = 1.0 if eyes.worst is None or settings.eyes_trust == "ignore" else eyes.worst.open
    return float(
        openness**settings.score_eyes
        * soft.sharp**settings.score_focus
        * _absence_probability("exposure", evidence, settings) ** settings.score_exposure
        * _absence_probability("defects", evidence, settings) ** settings.score_defects
    )


def _absence_probability(part: str, evidence: Evidence, settings: Settings) -> float:
    """Return the probability (0-1) that a photo has no label of a `part` that is not ignored."""
    chances = (
        evidence.defects[criterion.label]
        for criterion in judged_defects(evidence, settings)
        if criterion.score_part == part
        and criterion.limits(settings).trust != "ignore"
        and not criterion.is_spared(evidence, settings)
    )
    return prod(max(0.0, 1 - chance) for chance in chances)
