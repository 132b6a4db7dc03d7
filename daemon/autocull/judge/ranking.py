"""Ranking of the frames of a series: each is compared with the others, never with an absolute ideal.

Of copies of one frame, the original is compared, and the others get a reason that names it. A frame's merit
decides: open eyes first where there are people, then the sharp subject, then light that fits the series. The
best frames are kept, those about as good are left to the photographer, and the others get a reason that names
the better frame.
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
from autocull.measure import Evidence
from autocull.series import SETS, Series, SeriesPosition, natural_key


@dataclass(frozen=True, slots=True)
class RankInput:
    """What counts of one photo in its series; `answer` and `score` are those of the photo alone.

    `eyes` is the openness (0-1) of its faces, None without eyes that can be judged; `sharp` the probability
    (0-1) of a sharp subject; `luma` its median luma and `clipped` its clipped share (0-1); `pixels` the long
    side of what was read, which of a RAW file is its preview.
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
    """The position of a photo in its series, and the reason that a better frame gives against it, if any."""

    position: SeriesPosition
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Merit:
    """The merit (`total`) of a frame within its series, and two of its parts (0-1 each)."""

    frame: RankInput
    eyes: float
    light: float
    total: float


def make_rank_input(path: Path, evidence: Evidence, verdict: Verdict, settings: Settings) -> RankInput:
    """Make the input for `rank` of one photo; `verdict` is that of the photo alone."""
    faces = considered_faces(evidence, settings)
    openness = [face.open for face in faces]
    worst = verdict.eyes_open
    return RankInput(
        path=path,
        answer=verdict.answer,
        score=verdict.score,
        # The worst face decides, and the mean distinguishes one blink in a group from three.
        eyes=None if worst is None or not openness else (worst + fmean(openness)) / 2,
        sharp=compute_softness(evidence.focus, settings).sharp,
        luma=evidence.exposure.median,
        clipped=evidence.exposure.clipped_dark + evidence.exposure.clipped_bright,
        pixels=max(evidence.width, evidence.height),
        raw=evidence.kind == "raw",
        faces=faces,
    )


def rank(series: Series, inputs: Mapping[Path, RankInput], settings: Settings) -> dict[Path, RankResult]:
    """Return the position of every photo of a series, and the reason that a better frame gives against it.

    Sets stay in the order of shooting, without reasons. The originals are ranked by merit, those that are
    rejected alone last; their copies follow, and are compared with their original only.
    """
    frames = [inputs[path] for path in series.paths]
    if series.kind == "single" or series.kind in SETS:
        return {each.path: RankResult(_position_of(series, each, frames)) for each in frames}
    originals = _find_originals(series, inputs)
    merits = _compute_merits([each for each in frames if each.path not in originals], settings)
    merits.sort(key=_merit_key)
    copies = sorted((each for each in frames if each.path in originals), key=_copy_key)
    order = [*(each.frame for each in merits), *copies]
    reasons = _burst_reasons(merits, settings)
    reasons += [_copy_reason(originals[each.path], each, settings) for each in copies]
    return {
        each.path: RankResult(_position_of(series, each, order), reason)
        for each, reason in zip(order, reasons, strict=True)
    }


def _find_originals(series: Series, inputs: Mapping[Path, RankInput]) -> dict[Path, RankInput]:
    """Return the original of every photo that is a copy of one."""
    originals = {}
    for paths in series.copies:
        original = min((inputs[path] for path in paths), key=_copy_key)
        originals.update({path: original for path in paths if path != original.path})
    return originals


def _position_of(series: Series, frame: RankInput, order: Sequence[RankInput]) -> SeriesPosition:
    return SeriesPosition(series.id, series.kind, order.index(frame) + 1, len(order), order[0].path)


def _compute_merits(frames: Sequence[RankInput], settings: Settings) -> list[_Merit]:
    """Compute each frame's merit; without eyes that can be judged it has the mean openness of the series."""
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
    return frame.answer == "reject", -merit.total, -frame.score  # equals stay in the order of shooting


def _copy_key(frame: RankInput) -> tuple[object, ...]:
    """Return a key that sorts the original before its copies: RAW first, then the larger, then the better.

    A RAW file is measured by its preview, so its pixels do not count. Scores count in steps of 0.1: saving
    again hardly lowers them. Of equals, the original has the shortest name ("X.JPG" before "X - Copy.JPG").
    """
    name, folders = frame.path.stem, len(frame.path.parts)
    quality = 0 if frame.raw else -frame.pixels, -round(frame.score, 1)
    return frame.answer == "reject", not frame.raw, *quality, len(name), folders, natural_key(name)


def _burst_reasons(merits: Sequence[_Merit], settings: Settings) -> list[Reason | None]:
    """Return the reason against each frame of a burst; `merits` are sorted, the best first.

    A frame in which somebody blinks who does not in a better one is not among the frames that are kept.
    """
    reasons = [_blink_reason(each, merits[:index], settings) for index, each in enumerate(merits)]
    candidates = [index for index, reason in enumerate(reasons) if reason is None]
    kept = candidates[: settings.series_keep]
    for index in candidates[settings.series_keep :]:
        reasons[index] = _burst_reason(merits[index], merits[kept[-1]], settings)
    return reasons


def _blink_reason(merit: _Merit, better: Sequence[_Merit], settings: Settings) -> Reason | None:
    """Return the reason of a frame with a face that blinks, and is open in a frame as good otherwise."""
    frame = merit.frame
    if frame.answer == "reject" or settings.series_trust != "reject" or settings.eyes_trust != "reject":
        return None
    for other in better:
        blinks_only_here = (
            find_blinks(frame.faces, other.frame.faces)
            and not find_blinks(other.frame.faces, frame.faces)
            and other.frame.answer != "reject"
        )
        sharp, light = other.frame.sharp - frame.sharp, other.light - merit.light
        if blinks_only_here and min(sharp, light) >= -settings.series_margin:
            return Reason("blink_in_series", merit.eyes, other.eyes, None, _better_frame(merit, other))
    return None


def _burst_reason(merit: _Merit, kept: _Merit, settings: Settings) -> Reason | None:
    """Return the reason of a frame behind the last one kept; it rejects only where that one is "keep"."""
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
