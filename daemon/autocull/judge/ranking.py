"""Which frame of a series is the best: each is compared with its siblings, never with an absolute ideal.

What decides is a frame's merit: open eyes first where there are people, then the sharp subject, then light
that fits the series. The best are kept, those about as good are left to the photographer, and the others
stand back for a better one, which is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from autocull.judge.criteria import softness
from autocull.judge.face_matching import FaceSeen, blinking, faces_seen
from autocull.judge.settings import Settings
from autocull.judge.verdict import Answer, Beside, Reason, Verdict
from autocull.measure.evidence import Evidence
from autocull.series.model import SETS, Place, Series


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts of one photo among its siblings, judged alone before.

    `eyes` is the openness (0-1) of its faces, None without eyes that can be judged; `sharp` P(sharp) of the
    subject; `luma` and `clipped` its median luma and its clipped share (0-1); `pixels` the long side.
    """

    path: Path
    answer: Answer
    score: float
    eyes: float | None
    sharp: float
    luma: float
    clipped: float
    pixels: int
    raw: bool
    faces: tuple[FaceSeen, ...]


@dataclass(frozen=True, slots=True)
class Placing:
    """A photo's place in its series, and the reason that a sibling gives against it, if any."""

    place: Place
    against: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Merit:
    """A frame beside its group: its parts (0-1 each), and all of them together."""

    standing: Standing
    eyes: float
    light: float
    whole: float


def standing(path: Path, evidence: Evidence, verdict: Verdict, settings: Settings) -> Standing:
    """Take from a photo what counts among its siblings; `verdict` is what `judge` said of it alone."""
    faces = faces_seen(evidence, settings)
    judged = [face.open for face in faces]
    worst = verdict.eyes_open
    return Standing(
        path=path,
        answer=verdict.answer,
        score=verdict.score,
        # The worst face decides, and the mean tells one blink in a group from three.
        eyes=None if worst is None or not judged else (worst + fmean(judged)) / 2,
        sharp=softness(evidence.focus, settings).sharp,
        luma=evidence.exposure.median,
        clipped=evidence.exposure.clipped_dark + evidence.exposure.clipped_bright,
        pixels=max(evidence.width, evidence.height),
        raw=evidence.kind == "raw",
        faces=faces,
    )


def rank(series: Series, standings: Mapping[Path, Standing], settings: Settings) -> dict[Path, Placing]:
    """Give every member of a series its place, and the reason that a better sibling gives against it.

    In a set, places are those of the shooting and nothing stands against any; of copies the largest file is
    the best, and RAW before others; of a burst the frame of the highest merit. A photo that was rejected for
    its own sake comes after those that were not.
    """
    members = [standings[path] for path in series.members]
    if series.kind == "single" or series.kind in SETS:
        return {each.path: Placing(_place(series, each, members)) for each in members}
    merits = _merits(members, settings)
    if series.kind == "duplicate":
        merits.sort(key=_as_copy)
        reasons = [None, *(_copy_of(merits[0].standing, each.standing, settings) for each in merits[1:])]
    else:
        merits.sort(key=_best_first)
        reasons = _against(merits, settings)
    order = [each.standing for each in merits]
    return {
        each.path: Placing(_place(series, each, order), reason)
        for each, reason in zip(order, reasons, strict=True)
    }


def _place(series: Series, one: Standing, order: Sequence[Standing]) -> Place:
    return Place(series.id, series.kind, order.index(one) + 1, len(order), order[0].path)


def _merits(members: Sequence[Standing], settings: Settings) -> list[_Merit]:
    """Weigh each member against the group; a face that nobody could judge is as open as the group's mean."""
    open_ = [each.eyes for each in members if each.eyes is not None]
    usual_eyes, usual_luma = fmean(open_) if open_ else 1.0, median(each.luma for each in members)
    least_clipped = min(each.clipped for each in members)
    merits = []
    for each in members:
        eyes = usual_eyes if each.eyes is None else each.eyes
        light = 1 - min(1.0, 2 * abs(each.luma - usual_luma) + each.clipped - least_clipped)
        whole = eyes**settings.rank_eyes * each.sharp**settings.rank_focus * light**settings.rank_exposure
        merits.append(_Merit(each, eyes, light, whole))
    return merits


def _best_first(merit: _Merit) -> tuple[bool, float, float]:
    one = merit.standing
    return one.answer == "reject", -merit.whole, -one.score  # equals stay in the order of the shooting


def _as_copy(merit: _Merit) -> tuple[bool, int, bool, float]:
    one = merit.standing
    # By a tenth of the score: saved once more a picture hardly loses, and equals stay in their order.
    return one.answer == "reject", -one.pixels, not one.raw, -round(one.score, 1)


def _against(merits: Sequence[_Merit], settings: Settings) -> list[Reason | None]:
    """Say what stands against each frame of a burst, the best ones first."""
    kept = merits[: settings.series_keep]
    reasons: list[Reason | None] = [None] * len(kept)
    return reasons + [_behind(each, kept[-1], settings) for each in merits[len(kept) :]]


def _behind(merit: _Merit, kept: _Merit, settings: Settings) -> Reason | None:
    """Say that a frame stands behind the last one kept; it is rejected only for one that is surely good."""
    if settings.series_trust == "ignore" or merit.standing.answer == "reject":
        return None
    limit = max(0.0, kept.whole - settings.series_margin)
    sure = settings.series_trust == "reject" and kept.standing.answer == "keep"
    code = "better_in_series" if sure and merit.whole < limit else "better_doubtful"
    return Reason(
        code, merit.whole, limit if code == "better_in_series" else kept.whole, None, _lead(merit, kept)
    )


def _lead(merit: _Merit, kept: _Merit) -> Beside:
    one, better = merit.standing, kept.standing
    return Beside(
        path=better.path,
        eyes=kept.eyes - merit.eyes if one.eyes is not None and better.eyes is not None else 0.0,
        sharp=better.sharp - one.sharp,
        light=kept.light - merit.light,
        blinking=blinking(one.faces, better.faces),
        faces=len(one.faces),
    )


def _copy_of(best: Standing, one: Standing, settings: Settings) -> Reason | None:
    if settings.series_trust == "ignore" or one.answer == "reject":
        return None
    sure = settings.series_trust == "reject" and best.answer == "keep"
    code = "copy" if sure else "copy_doubtful"
    return Reason(code, one.pixels, best.pixels, None, Beside(best.path))
