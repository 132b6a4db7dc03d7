"""The training data of a taste: decided photos, measured and judged as in a cull, split into shoots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from autocull.arrays import Doubles, Flags, Floats, Integers
from autocull.judge import Settings, Verdict, sort_key
from autocull.learn.decisions import PhotoDecision
from autocull.output import Judged
from autocull.pipeline import CullRun, ShootJudge, judge_shoot
from autocull.read import Capture, Frame
from autocull.taste import extract_features


@dataclass(frozen=True, slots=True)
class TasteExample:
    """One decided photo: its features, and those of its mirror image where that was measured.

    `shoot` numbers its shoot; `plain_score` ranks photos as verdicts without a taste do, better ones higher.
    """

    path: Path
    selected: bool
    shoot: int
    plain_score: float
    features: Floats
    mirrored_features: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TasteExamples:
    """Examples as arrays: `features` `(n, d)`; `selected`, `shoot` and `plain_score` `(n,)`.

    `mirrored_features` `(m, d)` belong to mirrored selects; `mirrored_index` `(m,)` are their rows of the n.
    """

    features: Floats
    selected: Flags
    shoot: Integers
    plain_score: Doubles
    mirrored_features: Floats
    mirrored_index: Integers

    @classmethod
    def from_list(cls, examples: Sequence[TasteExample]) -> TasteExamples:
        """Stack examples into arrays. Only selects have mirrored copies, as they are the smaller class."""
        features = np.stack([each.features for each in examples])
        mirrored_rows = [
            (index, each.mirrored_features)
            for index, each in enumerate(examples)
            if each.selected and each.mirrored_features is not None
        ]
        return cls(
            features=features,
            selected=np.array([each.selected for each in examples]),
            shoot=np.array([each.shoot for each in examples], dtype=np.int64),
            plain_score=np.array([each.plain_score for each in examples], dtype=np.float64),
            mirrored_features=np.stack([row for _, row in mirrored_rows]) if mirrored_rows else features[:0],
            mirrored_index=np.array([index for index, _ in mirrored_rows], dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.selected)


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A decided photo with its evidence and verdict."""

    decision: PhotoDecision
    result: Judged


def measure_decided(
    cull_run: CullRun,
    settings: Settings,
    decisions: Sequence[PhotoDecision],
    on_progress: Callable[[bool], None],
) -> tuple[list[LabelledPhoto], Counter[str]]:
    """Measure and judge the decided photos; return them by path, and counts of those left out by reason.

    A pair of RAW and JPEG is one photo; it is left out where its files have contradicting decisions.
    `on_progress` is called after each photo, with whether anything was measured yet.
    """
    by_path = {decision.path: decision for decision in decisions}
    labelled: list[LabelledPhoto] = []
    left_out: Counter[str] = Counter()
    results = judge_shoot(
        cull_run,
        ShootJudge(settings),
        on_result=lambda _: on_progress(cull_run.counts.measured > 0),
    )
    for result in results:
        decision = _find_decision(result.frame, by_path)
        if not isinstance(result, Judged):
            left_out["cannot be read"] += 1
        elif decision is None:
            left_out["decided both ways"] += 1
        else:
            labelled.append(LabelledPhoto(decision, result))
    return sorted(labelled, key=lambda each: each.decision.path), left_out


def _find_decision(frame: Frame, by_path: Mapping[Path, PhotoDecision]) -> PhotoDecision | None:
    matches = [by_path[path] for path in frame.files if path in by_path]
    return matches[0] if len({each.selected for each in matches}) == 1 else None


def build_examples(
    labelled: Sequence[LabelledPhoto], mirror: Callable[[LabelledPhoto], Floats | None]
) -> list[TasteExample]:
    """Build the examples, in the same order; `mirror` returns the features of a select's mirror image."""
    shoots = split_into_shoots(
        [(each.decision.path, each.result.evidence.capture, each.decision.shoot) for each in labelled]
    )
    return [
        TasteExample(
            path=each.decision.path,
            selected=each.decision.selected,
            shoot=shoot,
            plain_score=plain_score(each.result.verdict),
            features=extract_features(each.result.evidence, each.result.verdict.series),
            mirrored_features=mirror(each) if each.decision.selected else None,
        )
        for each, shoot in zip(labelled, shoots, strict=True)
    ]


def plain_score(verdict: Verdict) -> float:
    """Return a sort value without a taste: kept above doubtful above rejected, each by score."""
    answer, score = sort_key(verdict)
    return -answer - score


MIN_PAUSE = timedelta(hours=4)
"""A longer pause between two photos starts a new shoot."""


def split_into_shoots(photos: Sequence[tuple[Path, Capture, str | None]]) -> list[int]:
    """Return the shoot number of each photo, given as path, capture and the shoot's name or None.

    A given name decides. Otherwise the time of exposure does, across folders, as two cards of one wedding
    are one shoot. Photos without a time belong to the shoot of their folder.
    """
    keys: list[object] = [None] * len(photos)
    timed: list[tuple[datetime, int]] = []
    for index, (path, capture, named_shoot) in enumerate(photos):
        exposed_at = None if named_shoot is not None else _exposure_time(capture)
        if exposed_at is None:
            keys[index] = named_shoot if named_shoot is not None else path.parent
        else:
            timed.append((exposed_at, index))
    last, number = datetime.min, 0  # noqa: DTZ901 - local times without a zone are compared
    for exposed_at, index in sorted(timed):
        number += exposed_at - last > MIN_PAUSE
        keys[index], last = number, exposed_at
    numbers: dict[object, int] = {}
    return [numbers.setdefault((type(key), key), len(numbers)) for key in keys]


def _exposure_time(capture: Capture) -> datetime | None:
    """Return the local time of exposure; None where there is only the file's time, which copying changes."""
    if capture.taken is None or capture.taken_from == "file":
        return None
    try:
        return datetime.fromisoformat(capture.taken).replace(tzinfo=None)
    except ValueError:
        return None
