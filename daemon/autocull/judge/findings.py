"""What speaks against a photo, ground by ground; and how good the photo is in each respect."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Literal, NamedTuple

from autocull.judge.criteria import DAMAGE, DEFECT_CRITERIA, DEFOCUS, EYES, MOTION, RESOLUTION
from autocull.judge.eyes import PhotoEyes
from autocull.judge.settings import Settings
from autocull.judge.verdict import Reason
from autocull.measure.evidence import Evidence, Focus
from autocull.read.photo import Box

LOW_RESOLUTION_PREVIEW = "low_resolution_preview"
"""The reader's remark for a RAW file of which only a small preview could be read."""

MAYBE_DAMAGED = "maybe_damaged"
"""The reader's remark for a file that could be read although its data contradict themselves."""

FocusDoubtReason = Literal["plain", "preview", "second"]
"""Why softness raises no more than doubt."""


class Finding(NamedTuple):
    """One ground against a photo: whether it rejects, how far past its limit it is (0-1), and the reason."""

    rejects: bool
    severity: float
    reason: Reason


class Softness(NamedTuple):
    """P(sharp) with all softness that is trusted to raise a doubt, and with that which may reject.

    `mostly_motion` says whether motion is the larger part of the latter.
    """

    sharp: float
    sharp_to_reject: float
    mostly_motion: bool


def finding_below(
    code: str, measured: float, limit: float, box: Box | None = None, *, rejects: bool = False
) -> Finding:
    """Report a number that lies at or below its limit."""
    return Finding(rejects, (limit - measured) / limit if limit else 1.0, Reason(code, measured, limit, box))


def finding_above(code: str, measured: float, limit: float, *, rejects: bool = False) -> Finding:
    """Report a probability that lies at or above its limit."""
    span = 1 - limit
    return Finding(rejects, (measured - limit) / span if span else 1.0, Reason(code, measured, limit))


def check_eyes(evidence: Evidence, eyes: PhotoEyes, settings: Settings) -> Iterator[Finding]:
    """Closed eyes of the worst face that may be judged."""
    trust, closed, worst = settings.eyes_trust, eyes.closed, eyes.worst
    if trust == "ignore":
        return
    if trust == "reject" and closed is not None and closed.open <= settings.eyes_reject:
        box = evidence.faces[closed.face].box
        yield finding_below(EYES.reject_code, closed.open, settings.eyes_reject, box, rejects=True)
    elif worst is not None and worst.open <= settings.eyes_doubt:
        yield finding_below(EYES.doubt_code, worst.open, settings.eyes_doubt, evidence.faces[worst.face].box)


def compute_softness(focus: Focus, settings: Settings) -> Softness:
    """Weigh defocus and motion by their trust, over the subject or over the frame's textured tiles.

    The tiles do not know why they are soft: the frame's softness is shared out as the subject's is.
    """
    defocus, motion = focus.defocus, focus.motion
    if settings.focus_on == "frame":
        soft, total = 1 - frame_sharp(focus, settings), defocus + motion
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


def frame_sharp(focus: Focus, settings: Settings) -> float:
    """P(sharp) over the whole frame: the mean of its textured tiles; the subject's where there are none."""
    pairs = (pair for row in zip(focus.tiles, focus.texture, strict=True) for pair in zip(*row, strict=True))
    sharp = [sharp for sharp, texture in pairs if texture >= settings.focus_texture_min]
    return sum(sharp) / len(sharp) if sharp else focus.sharp


def check_focus(evidence: Evidence, soft: Softness, settings: Settings) -> Iterator[Finding]:
    """A soft subject, or frame. It rejects only where there is texture to judge and the networks agree."""
    box = evidence.focus.subject if settings.focus_on == "subject" else None
    if soft.sharp_to_reject <= settings.focus_reject and focus_doubt_reason(evidence, settings) is None:
        code = (MOTION if soft.mostly_motion else DEFOCUS).reject_code
        yield finding_below(code, soft.sharp_to_reject, settings.focus_reject, box, rejects=True)
    elif soft.sharp <= settings.focus_doubt:
        yield finding_below(DEFOCUS.doubt_code, soft.sharp, settings.focus_doubt, box)


def focus_doubt_reason(evidence: Evidence, settings: Settings) -> FocusDoubtReason | None:
    """Why softness may not reject here, None where it may: everything is too plain to tell ("plain"), only a
    small preview could be read ("preview"), or the whole-frame network does not agree ("second").
    """
    texture = max(map(max, evidence.focus.texture), default=0.0)
    if texture < settings.focus_texture_min:
        return "plain"
    if LOW_RESOLUTION_PREVIEW in evidence.remarks:
        return "preview"
    by_region = evidence.focus.found_by == "region"
    if settings.focus_second == "never" or (settings.focus_second == "region" and not by_region):
        return None
    return None if frame_blur(evidence) >= settings.focus_second_min else "second"


def frame_blur(evidence: Evidence) -> float:
    """The whole-frame network's blur probability (0-1), of either kind."""
    return max(evidence.defects["defocus"], evidence.defects["motion_blur"])


def check_defects(evidence: Evidence, settings: Settings) -> Iterator[Finding]:
    """The labels of the defects network. Light rejects only where the measured light agrees."""
    for criterion in DEFECT_CRITERIA:
        trust, reject, doubt = criterion.limits(settings)
        chance = evidence.defects[criterion.label]
        confirmed = criterion.is_confirmed(evidence.exposure, settings)
        if trust == "reject" and confirmed and chance >= reject:
            yield finding_above(criterion.reject_code, chance, reject, rejects=True)
        elif trust != "ignore" and chance >= doubt:
            yield finding_above(criterion.doubt_code, chance, doubt)


def check_file(evidence: Evidence, settings: Settings) -> Iterator[Finding]:
    """Damage, and too few pixels."""
    if MAYBE_DAMAGED in evidence.remarks and settings.damage_trust != "ignore":
        rejects = settings.damage_trust == "reject"
        # A remark is there or not: its measure and its limit are 1.
        yield finding_above(DAMAGE.reject_code if rejects else DAMAGE.doubt_code, 1.0, 1.0, rejects=rejects)
    side = max(evidence.width, evidence.height)
    if side < settings.resolution_doubt:
        yield finding_below(RESOLUTION.doubt_code, side, settings.resolution_doubt)


def compute_score(evidence: Evidence, eyes: PhotoEyes, soft: Softness, settings: Settings) -> float:
    """Score the photo (0-1): the product of its openness, sharpness, exposure and freedom from defects.

    Each is a probability raised to its `score_*` weight, so one ruined respect ruins the score; what is not
    trusted at all stays out. It falls, or stays, when eyes close, focus softens or a defect grows.
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
        for criterion in DEFECT_CRITERIA
        if criterion.score_part == part and criterion.limits(settings).trust != "ignore"
    )
    return prod(max(0.0, 1 - chance) for chance in chances)
