"""Scoreboard: faults found, false alarms and pairs of series, of Autocull and of other programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autocull.judge import CRITERIA, Settings, Verdict, list_scores
from autocull.series import group, shot_of
from autocull.stats import Interval, Proportion, area_interval, area_under_curve
from autocull.train.evaluation import PairMetrics, pair_metrics
from autocull.train.peers.base import Peer, PeerOpinion
from autocull.train.verdicts import (
    CRITERIA_OF_KINDS,
    FAULT_KINDS,
    MeasuredPhoto,
    format_share,
    judge_photos,
)

OWN_NAME = "Autocull"
REJECTING, DOUBTING = f"{OWN_NAME}, rejected", f"{OWN_NAME}, rejected or doubted"
GOOD_PHOTOS = "good photos"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One program on one question: a kind of fault, or "good photos" for any false alarm.

    `hits` counts faulty photos that it names, `alarms` good ones; `area` is the area under the curve of its
    scores, None where it has none. A photo that a program cannot read counts as not named.
    """

    question: str
    program: str
    hits: Proportion
    alarms: Proportion
    area: float | None
    area_interval: Interval | None

    def to_json(self) -> dict[str, Any]:
        """Return the row as `autocull bench --json` writes it."""
        return {
            "question": self.question,
            "program": self.program,
            "found": self.hits.to_json(),
            "alarms": self.alarms.to_json(),
            "auc": self.area,
            "auc_interval": self.area_interval,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoreboard:
    """The rows of all questions, the pairs of series by program, and the version of each program."""

    rows: Sequence[BoardRow]
    pairs: Mapping[str, PairMetrics]
    versions: Mapping[str, str]

    def losses(self) -> list[str]:
        """Return the questions on which another program is better, each with both numbers.

        Better is a larger area under the curve, more faults found at no more false alarms, fewer false alarms
        than Autocull's rejects, or a higher F1 of pairs.
        """
        return [*self._lost_questions(), *self._lost_pairs()]

    def to_json(self) -> dict[str, Any]:
        """Return the scoreboard as `autocull bench --json` writes it."""
        return {
            "rows": [row.to_json() for row in self.rows],
            "pairs": {name: metrics.to_json() for name, metrics in self.pairs.items()},
            "losses": self.losses(),
            "versions": self.versions,
        }

    def _lost_questions(self) -> Iterator[str]:
        own = {(row.question, row.program): row for row in self.rows}
        for row in self.rows:
            if row.program in (REJECTING, DOUBTING):
                continue
            doubting, rejecting = own[row.question, DOUBTING], own[row.question, REJECTING]
            if row.area is not None and doubting.area is not None and row.area > doubting.area:
                yield f"{row.question}: AUC of {row.program} {row.area:.3f}, own {doubting.area:.3f}"
            if row.question == GOOD_PHOTOS:
                if row.alarms.n < rejecting.alarms.n:
                    counts = f"names {row.alarms.n}, own rejects {rejecting.alarms.n}"
                    yield f"{row.question}: {row.program} {counts}"
            elif row.hits.n > doubting.hits.n and row.alarms.n <= doubting.alarms.n:
                yield f"{row.question}: {row.program} finds {row.hits.n}, own {doubting.hits.n}"

    def _lost_pairs(self) -> Iterator[str]:
        own = self.pairs[OWN_NAME].f1 or 0.0 if self.pairs else 0.0
        for name, metrics in self.pairs.items():
            if (metrics.f1 or 0.0) > own:
                yield f"series: F1 of {name} {metrics.f1:.3f}, own {own:.3f}"


def compare_with_peers(
    photos: Sequence[MeasuredPhoto], settings: Settings, peers: Sequence[Peer], own_version: str
) -> Scoreboard:
    """Run other programs on photos that Autocull has measured, and compare what both report.

    Autocull judges each photo alone for its faults; for pairs all photos are grouped as one shoot, and
    compared with the `series` of the labels.
    """
    paths = [photo.path for photo in photos]
    alone = [_own_opinion(photo, verdict, settings) for photo, verdict in _judge_alone(photos, settings)]
    rejecting = {path: opinions[0] for path, opinions in zip(paths, alone, strict=True)}
    doubting = {path: opinions[1] for path, opinions in zip(paths, alone, strict=True)}
    named: list[_NamedOpinions] = [(REJECTING, rejecting, FAULT_KINDS), (DOUBTING, doubting, FAULT_KINDS)]
    named += [(peer.name, peer.judge(paths), peer.kinds) for peer in peers if peer.kinds]
    return Scoreboard(
        rows=list(_make_rows(photos, named)),
        pairs=_compare_pairs(photos, settings, peers),
        versions={OWN_NAME: own_version, **{peer.name: peer.version for peer in peers}},
    )


def _judge_alone(
    photos: Sequence[MeasuredPhoto], settings: Settings
) -> Iterator[tuple[MeasuredPhoto, Verdict]]:
    for photo in photos:
        yield photo, judge_photos([photo], settings)[0]


def _own_opinion(
    photo: MeasuredPhoto, verdict: Verdict, settings: Settings
) -> tuple[PeerOpinion, PeerOpinion]:
    """Return what Autocull names by its rejects, and by rejects and doubts."""
    codes = {reason.code for reason in verdict.reasons} if verdict.answer != "keep" else set()
    rejecting, doubting = set(), set()
    for kind, names in CRITERIA_OF_KINDS.items():
        criteria = [criterion for criterion in CRITERIA if criterion.name in names]
        if codes & {criterion.reject_code for criterion in criteria}:
            rejecting.add(kind)
        if codes & {code for each in criteria for code in (each.reject_code, each.doubt_code)}:
            doubting.add(kind)
    by_code = {score.code: score for score in list_scores(photo.evidence, verdict, settings)}
    scores = {}
    for kind, names in CRITERIA_OF_KINDS.items():
        criterion = next(each for each in CRITERIA if each.name in names)
        code = criterion.label if criterion.source == "defects" else criterion.source
        measured = by_code[code].measured
        sign = 1 if by_code[code].bad_side == "above" else -1
        scores[kind] = -np.inf if measured is None else sign * measured
    return PeerOpinion(frozenset(rejecting), scores), PeerOpinion(frozenset(doubting), scores)


_NamedOpinions = tuple[str, Mapping[Path, PeerOpinion], Sequence[str]]


def _make_rows(photos: Sequence[MeasuredPhoto], named: Sequence[_NamedOpinions]) -> Iterator[BoardRow]:
    """Yield the rows of every kind of fault that occurs, then those of the good photos."""
    good = [photo for photo in photos if not photo.photo.is_faulty]
    for kind in FAULT_KINDS:
        faulty = [photo for photo in photos if kind in photo.photo.kinds and photo.photo.is_faulty]
        for program, opinions, kinds in named if faulty else ():
            if kind in kinds:
                yield _make_row(kind, program, opinions, faulty, good)
    for program, opinions, _ in named if good else ():
        alarms = sum(bool(opinions[photo.path].flags) for photo in good if photo.path in opinions)
        yield BoardRow(
            question=GOOD_PHOTOS,
            program=program,
            hits=Proportion(0, 0),
            alarms=Proportion(alarms, len(good)),
            area=None,
            area_interval=None,
        )


def _make_row(
    kind: str,
    program: str,
    opinions: Mapping[Path, PeerOpinion],
    faulty: Sequence[MeasuredPhoto],
    good: Sequence[MeasuredPhoto],
) -> BoardRow:
    counts = [
        sum(kind in opinions[photo.path].flags for photo in chosen if photo.path in opinions)
        for chosen in (faulty, good)
    ]
    truth, scores = [], []
    for chosen, is_faulty in ((faulty, True), (good, False)):
        for photo in chosen:
            if photo.path in opinions:
                truth.append(is_faulty)
                scores.append(opinions[photo.path].scores[kind])
    area = area_under_curve(np.array(truth, np.bool_), np.array(scores, np.float64))
    return BoardRow(
        question=kind,
        program=program,
        hits=Proportion(counts[0], len(faulty)),
        alarms=Proportion(counts[1], len(good)),
        area=area,
        area_interval=area_interval(area, sum(truth), len(truth) - sum(truth)),
    )


def _compare_pairs(
    photos: Sequence[MeasuredPhoto], settings: Settings, peers: Sequence[Peer]
) -> dict[str, PairMetrics]:
    """Compare the pairs of series; empty where the labels name no series."""
    if not any(photo.photo.series for photo in photos):
        return {}
    groups = [photo.photo.series or f"photo:{photo.path}" for photo in photos]
    paths = [photo.path for photo in photos]
    truth = np.array(groups)[:, None] == np.array(groups)
    series = group((shot_of(photo.path, photo.evidence) for photo in photos), settings.grouping_settings())
    pairs = {OWN_NAME: [(one, other) for each in series for one in each.paths for other in each.paths]}
    pairs |= {peer.name: list(peer.find_pairs(paths)) for peer in peers if peer.finds_pairs}
    index = {path: number for number, path in enumerate(paths)}
    results = {}
    for name, found_pairs in pairs.items():
        predicted = np.eye(len(paths), dtype=np.bool_)
        for one, other in found_pairs:
            predicted[index[one], index[other]] = predicted[index[other], index[one]] = True
        results[name] = pair_metrics(groups, truth, predicted)
    return results


def format_scoreboard(board: Scoreboard) -> str:
    """Format the scoreboard as Markdown: questions, pairs of series, and where another program is better."""
    header = ["question", "program", "found", "false alarms", "AUC, 95 %"]
    rows = [
        [
            row.question.replace("_", " "),
            row.program,
            format_share(row.hits.n, row.hits.of),
            format_share(row.alarms.n, row.alarms.of),
            _format_area(row),
        ]
        for row in board.rows
    ]
    parts = [_format_table(header, rows)]
    if board.pairs:
        pair_rows = [
            [name, *map(_format_proportion, (metrics.precision, metrics.recall)), _format_f1(metrics)]
            for name, metrics in board.pairs.items()
        ]
        parts.append(_format_table(["pairs of series", "precision", "recall", "F1"], pair_rows))
    losses = board.losses()
    parts.append("Another program is better:\n" if losses else "No other program is better.\n")
    parts[-1] += "".join(f"- {loss}\n" for loss in losses)
    return "\n".join(parts)


def _format_area(row: BoardRow) -> str:
    if row.area is None or row.area_interval is None:
        return "-"
    return f"{row.area:.3f} ({row.area_interval.low:.3f}-{row.area_interval.high:.3f})"


def _format_proportion(proportion: Proportion) -> str:
    return format_share(proportion.n, proportion.of)


def _format_f1(metrics: PairMetrics) -> str:
    interval = metrics.f1_interval
    if metrics.f1 is None or interval is None:
        return "-"
    return f"{metrics.f1:.3f} ({interval.low:.3f}-{interval.high:.3f})"


def _format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
