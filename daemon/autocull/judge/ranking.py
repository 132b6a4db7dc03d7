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

from autocull.judge.face_matching import ConsideredFace, considered_faces, find_blinks
from autocull.judge.findings import compute_softness
from autocull.judge.settings import Settings
from autocull.judge.verdict import Answer, BetterFrame, Reason, Verdict
from autocull.measure.evidence import Evidence
from autocull.series.model import SETS, Series, SeriesPosition


@dataclass(frozen=True, slots=True)
class RankInput:
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
    faces: tuple[ConsideredFace, ...]


@dataclass(frozen=True, slots=True)
class RankResult:
    """A photo's place in its series, and the reason that a sibling gives against it, if any."""

    position: SeriesPosition
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Merit:
    """A frame beside its group: its parts (0-1 each), and all of them together."""

    frame: RankInput
    eyes: float
    light: float
    total: float


def make_rank_input(path: Path, evidence: Evidence, verdict: Verdict, settings: Settings) -> RankInput:
    """Take from a photo what counts among its siblings; `verdict` is what `judge` said of it alone."""
    faces = considered_faces(evidence, settings)
    openness = [face.open for face in faces]
    worst = verdict.eyes_open
    return RankInput(
        path=path,
        answer=verdict.answer,
        score=verdict.score,
        # The worst face decides, and the mean tells one blink in a group from three.
        eyes=None if worst is None or not openness else (worst + fmean(openness)) / 2,
        sharp=compute_softness(evidence.focus, settings).sharp,
        luma=evidence.exposure.median,
        clipped=evidence.exposure.clipped_dark + evidence.exposure.clipped_bright,
        pixels=max(evidence.width, evidence.height),
        raw=evidence.kind == "raw",
        faces=faces,
    )


def rank(series: Series, inputs: Mapping[Path, RankInput], settings: Settings) -> dict[Path, RankResult]:
    """Give every member of a series its place, and the reason that a better sibling gives against it.

    In a set, places are those of the shooting and nothing stands against any; of copies the largest file is
    the best, and RAW before others; of a burst the frame of the highest merit. A photo that was rejected for
    its own sake comes after those that were not.
    """
    frames = [inputs[path] for path in series.paths]
    if series.kind == "single" or series.kind in SETS:
        return {each.path: RankResult(_position_of(series, each, frames)) for each in frames}
    merits = _compute_merits(frames, settings)
    if series.kind == "duplicate":
        merits.sort(key=_copy_key)
        reasons = [None, *(_copy_reason(merits[0].frame, each.frame, settings) for each in merits[1:])]
    else:
        merits.sort(key=_merit_key)
        reasons = _burst_reasons(merits, settings)
    order = [each.frame for each in merits]
    return {
        each.path: RankResult(_position_of(series, each, order), reason)
        for each, reason in zip(order, reasons, strict=True)
    }


def _position_of(series: Series, frame: RankInput, order: Sequence[RankInput]) -> SeriesPosition:
    return SeriesPosition(series.id, series.kind, order.index(frame) + 1, len(order), order[0].path)


def _compute_merits(frames: Sequence[RankInput], settings: Settings) -> list[_Merit]:
    """Weigh each member against the group; a face that nobody could judge is as open as the group's mean."""
    openness = [each.eyes for each in frames if each.eyes is not None]
    mean_openness, median_luma = fmean(openness) if openness else 1.0, median(each.luma for each in frames)
    min_clipped = min(each.clipped for each in frames)
    merits = []
    for each in frames:
        eyes = mean_openness if each.eyes is None else each.eyes
        light = 1 - min(1.0, 2 * abs(each.luma - median_luma) + each.clipped - min_clipped)
        total = eyes**settings.rank_eyes * each.sharp**settings.rank_focus * light**settings.rank_exposure
        merits.append(_Merit(each, eyes, light, total))
    return merits


def _merit_key(merit: _Merit) -> tuple[bool, float, float]:
    frame = merit.frame
    return frame.answer == "reject", -merit.total, -frame.score  # equals stay in the order of the shooting


def _copy_key(merit: _Merit) -> tuple[bool, int, bool, float]:
    frame = merit.frame
    # By a tenth of the score: saved once more a picture hardly loses, and equals stay in their order.
    return frame.answer == "reject", -frame.pixels, not frame.raw, -round(frame.score, 1)


def _burst_reasons(merits: Sequence[_Merit], settings: Settings) -> list[Reason | None]:
    """Say what stands against each frame of a burst, the best ones first."""
    kept = merits[: settings.series_keep]
    reasons: list[Reason | None] = [None] * len(kept)
    return reasons + [_burst_reason(each, kept[-1], settings) for each in merits[len(kept) :]]


def _burst_reason(merit: _Merit, kept: _Merit, settings: Settings) -> Reason | None:
    """Say that a frame stands behind the last one kept; it is rejected only for one that is surely good."""
    if settings.series_trust == "ignore" or merit.frame.answer == "reject":
        return None
    limit = max(0.0, kept.total - settings.series_margin)
    sure = settings.series_trust == "reject" and kept.frame.answer == "keep"
    code = "better_in_series" if sure and merit.total < limit else "better_doubtful"
    return Reason(
        code,
        merit.total,
        limit if code == "better_in_series" else kept.total,
        None,
        _better_frame(merit, kept),
    )


def _better_frame(merit: _Merit, kept: _Merit) -> BetterFrame:
    frame, better = merit.frame, kept.frame
    return BetterFrame(
        path=better.path,
        eyes=kept.eyes - merit.eyes if frame.eyes is not None and better.eyes is not None else 0.0,
        sharp=better.sharp - frame.sharp,
        light=kept.light - merit.light,
        blinking=find_blinks(frame.faces, better.faces),
        faces=len(frame.faces),
    )


def _copy_reason(best: RankInput, frame: RankInput, settings: Settings) -> Reason | None:
    if settings.series_trust == "ignore" or frame.answer == "reject":
        return None
    sure = settings.series_trust == "reject" and best.answer == "keep"
    code = "copy" if sure else "copy_doubtful"
    return Reason(code, frame.pixels, best.pixels, None, BetterFrame(best.path))
