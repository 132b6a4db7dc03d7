"""What speaks against a photo, ground by ground; and how good the photo is in each respect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from autocull.judge.eyes import PhotoEyes
from autocull.judge.settings import Settings, Trust
from autocull.judge.verdict import Reason
from autocull.measure.evidence import Evidence, Exposure, Focus
from autocull.read.photo import Box

LOW_RESOLUTION_PREVIEW = "low_resolution_preview"
"""The reader's remark for a RAW file of which only a small preview could be read."""

MAYBE_DAMAGED = "maybe_damaged"
"""The reader's remark for a file that could be read although its data contradict themselves."""

Unsure = Literal["plain", "preview", "second"]
"""Why softness raises no more than doubt."""


class Finding(NamedTuple):
    """One ground against a photo: whether it rejects, how far past its limit it is (0-1), and the reason."""

    rejects: bool
    severity: float
    reason: Reason


class Softness(NamedTuple):
    """P(sharp) with all softness that is trusted to raise a doubt, and with that which may reject.

    `moved` says whether motion is the larger part of the latter.
    """

    sharp: float
    sharp_to_reject: float
    moved: bool


def below(
    code: str, measured: float, limit: float, where: Box | None = None, *, rejects: bool = False
) -> Finding:
    """Report a number that lies at or below its limit."""
    return Finding(
        rejects, (limit - measured) / limit if limit else 1.0, Reason(code, measured, limit, where)
    )


def above(code: str, measured: float, limit: float, *, rejects: bool = False) -> Finding:
    """Report a probability that lies at or above its limit."""
    room = 1 - limit
    return Finding(rejects, (measured - limit) / room if room else 1.0, Reason(code, measured, limit))


def against_eyes(evidence: Evidence, eyes: PhotoEyes, settings: Settings) -> Iterator[Finding]:
    """Closed eyes of the worst face that may be judged."""
    trust, closed, worst = settings.eyes_trust, eyes.closed, eyes.worst
    if trust == "ignore":
        return
    if trust == "reject" and closed is not None and closed.open <= settings.eyes_reject:
        where = evidence.faces[closed.face].box
        yield below("eyes_closed", closed.open, settings.eyes_reject, where, rejects=True)
    elif worst is not None and worst.open <= settings.eyes_doubt:
        yield below("eyes_doubtful", worst.open, settings.eyes_doubt, evidence.faces[worst.face].box)


def softness(focus: Focus, settings: Settings) -> Softness:
    """Weigh defocus and motion by their trust, over the subject or over the frame's textured tiles.

    The tiles do not know why they are soft: the frame's softness is shared out as the subject's is.
    """
    defocus, motion = focus.defocus, focus.motion
    if settings.focus_on == "frame":
        soft, parts = 1 - frame_sharp(focus, settings), defocus + motion
        defocus, motion = (soft * defocus / parts, soft * motion / parts) if parts > 0 else (soft, 0.0)
    missed, moved = settings.defocus_trust, settings.motion_trust
    heard = (defocus if missed != "ignore" else 0.0) + (motion if moved != "ignore" else 0.0)
    by_defocus, by_motion = (defocus if missed == "reject" else 0.0), (motion if moved == "reject" else 0.0)
    return Softness(max(0.0, 1 - heard), max(0.0, 1 - by_defocus - by_motion), by_motion > by_defocus)


def frame_sharp(focus: Focus, settings: Settings) -> float:
    """P(sharp) over the whole frame: the mean of its textured tiles; the subject's where there are none."""
    pairs = (pair for row in zip(focus.tiles, focus.texture, strict=True) for pair in zip(*row, strict=True))
    sharp = [sharp for sharp, texture in pairs if texture >= settings.focus_texture_min]
    return sum(sharp) / len(sharp) if sharp else focus.sharp


def against_focus(evidence: Evidence, soft: Softness, settings: Settings) -> Iterator[Finding]:
    """A soft subject, or frame. It rejects only where there is texture to judge and the networks agree."""
    where = evidence.focus.subject if settings.focus_on == "subject" else None
    if soft.sharp_to_reject <= settings.focus_reject and focus_unsure(evidence, settings) is None:
        code = "motion_blur" if soft.moved else "out_of_focus"
        yield below(code, soft.sharp_to_reject, settings.focus_reject, where, rejects=True)
    elif soft.sharp <= settings.focus_doubt:
        yield below("focus_doubtful", soft.sharp, settings.focus_doubt, where)


def focus_unsure(evidence: Evidence, settings: Settings) -> Unsure | None:
    """Why softness may not reject here, None where it may: everything is too plain to tell ("plain"), only a
    small preview could be read ("preview"), or the whole-frame network does not agree ("second").
    """
    texture = max(map(max, evidence.focus.texture), default=0.0)
    if texture < settings.focus_texture_min:
        return "plain"
    if LOW_RESOLUTION_PREVIEW in evidence.remarks:
        return "preview"
    guessed = evidence.focus.found_by == "region"
    if settings.focus_second == "never" or (settings.focus_second == "region" and not guessed):
        return None
    return None if frame_blur(evidence) >= settings.focus_second_min else "second"


def frame_blur(evidence: Evidence) -> float:
    """The whole-frame network's blur probability (0-1), of either kind."""
    return max(evidence.defects["defocus"], evidence.defects["motion_blur"])


def against_exposure(evidence: Evidence, settings: Settings) -> Iterator[Finding]:
    """Too dark or too bright. It rejects only where the network and the measured light agree."""
    defects, light = evidence.defects, evidence.exposure
    dark = _capped(settings.dark_trust, light_is_dark(light, settings))
    bright = _capped(settings.bright_trust, light_is_bright(light, settings))
    yield from _probable(
        ("too_dark", "dark_doubtful"), defects["too_dark"], dark, settings.dark_reject, settings.dark_doubt
    )
    yield from _probable(
        ("too_bright", "bright_doubtful"),
        defects["too_bright"],
        bright,
        settings.bright_reject,
        settings.bright_doubt,
    )


def light_is_dark(light: Exposure, settings: Settings) -> bool:
    """Whether the measured light is dark in the middle and at its bright end (a night's lamps are not)."""
    return light.median <= settings.dark_median and light.high <= settings.dark_high


def light_is_bright(light: Exposure, settings: Settings) -> bool:
    """Whether the measured light is bright in the middle and burnt out besides (a pale subject is not)."""
    return light.median >= settings.bright_median and light.clipped_bright >= settings.bright_clipped


def against_file(evidence: Evidence, settings: Settings) -> Iterator[Finding]:
    """Lens flare, compression loss, noise, damage, and too few pixels."""
    defects, side = evidence.defects, max(evidence.width, evidence.height)
    yield from _probable(
        ("lens_flare", "flare_doubtful"),
        defects["lens_flare"],
        settings.flare_trust,
        settings.flare_reject,
        settings.flare_doubt,
    )
    yield from _probable(
        ("low_quality", "quality_doubtful"),
        defects["low_quality"],
        settings.quality_trust,
        settings.quality_reject,
        settings.quality_doubt,
    )
    yield from _probable(
        ("noise", "noise_doubtful"),
        defects["noise"],
        settings.noise_trust,
        settings.noise_reject,
        settings.noise_doubt,
    )
    if MAYBE_DAMAGED in evidence.remarks:  # a remark is there or not: its measure and its limit are whole
        yield from _probable(("damaged", "damage_doubtful"), 1.0, settings.damage_trust, 1.0, 1.0)
    if side < settings.resolution_doubt:
        yield below("low_resolution", side, settings.resolution_doubt)


def _capped(trust: Trust, agreed: bool) -> Trust:
    return "doubt" if trust == "reject" and not agreed else trust


def _probable(
    codes: tuple[str, str], chance: float, trust: Trust, reject: float, doubt: float
) -> Iterator[Finding]:
    """Report a probable fault: under `codes[0]` where it may reject and does, else under `codes[1]`."""
    if trust == "reject" and chance >= reject:
        yield above(codes[0], chance, reject, rejects=True)
    elif trust != "ignore" and chance >= doubt:
        yield above(codes[1], chance, doubt)


def quality(evidence: Evidence, eyes: PhotoEyes, soft: Softness, settings: Settings) -> float:
    """Score the photo (0-1): the product of its openness, sharpness, exposure and freedom from defects.

    Each is a probability raised to its `score_*` weight, so one ruined respect ruins the score; what is not
    trusted at all stays out. It falls, or stays, when eyes close, focus softens or a defect grows.
    """
    defects = evidence.defects
    openness = 1.0 if eyes.worst is None or settings.eyes_trust == "ignore" else eyes.worst.open
    light = _without(defects["too_dark"], settings.dark_trust) * _without(
        defects["too_bright"], settings.bright_trust
    )
    clean = (
        _without(defects["lens_flare"], settings.flare_trust)
        * _without(defects["low_quality"], settings.quality_trust)
        * _without(defects["noise"], settings.noise_trust)
    )
    return float(
        openness**settings.score_eyes
        * soft.sharp**settings.score_focus
        * light**settings.score_exposure
        * clean**settings.score_defects
    )


def _without(chance: float, trust: Trust) -> float:
    return 1.0 if trust == "ignore" else max(0.0, 1 - chance)
