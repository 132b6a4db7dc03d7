"""From her decisions to examples: the decided photos are measured and judged as a culling run would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from autocull.arrays import Doubles, Flags, Floats, Integers
from autocull.judge import Settings, sort_key
from autocull.judge.verdict import Verdict
from autocull.learn.decisions import Decision
from autocull.output.result import Judged
from autocull.pipeline.cull_run import Culling
from autocull.pipeline.two_pass import Together
from autocull.read import Frame
from autocull.read.photo import Capture
from autocull.taste.features import features


@dataclass(frozen=True, slots=True)
class Example:
    """One decided photo: what a taste looks at, also in the mirror where that was measured.

    `shoot` numbers its shoot; `plain` orders photos as the plain ensemble would, better ones higher.
    """

    path: Path
    selected: bool
    shoot: int
    plain: float
    seen: Floats
    mirrored: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """All of them: `seen` `(n, d)`, `selected` and `shoot` and `plain` `(n,)`.

    `mirrored` `(m, d)` are selects seen in a mirror, `of` `(m,)` which of the n each one is.
    """

    seen: Floats
    selected: Flags
    shoot: Integers
    plain: Doubles
    mirrored: Floats
    of: Integers

    @classmethod
    def from_list(cls, examples: Sequence[Example]) -> Examples:
        """Stack them; only selects are mirrored, for they are the few."""
        seen = np.stack([each.seen for each in examples])
        twins = [
            (index, each.mirrored)
            for index, each in enumerate(examples)
            if each.selected and each.mirrored is not None
        ]
        return cls(
            seen=seen,
            selected=np.array([each.selected for each in examples]),
            shoot=np.array([each.shoot for each in examples], dtype=np.int64),
            plain=np.array([each.plain for each in examples], dtype=np.float64),
            mirrored=np.stack([twin for _, twin in twins]) if twins else seen[:0],
            of=np.array([index for index, _ in twins], dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.selected)


@dataclass(frozen=True, slots=True)
class Seen:
    """A decided photo with what was measured and judged."""

    decision: Decision
    result: Judged


def see(
    culling: Culling, settings: Settings, decisions: Sequence[Decision], step: Callable[[bool], None]
) -> tuple[list[Seen], Counter[str]]:
    """Measure what was decided, and judge it together; counts what was left out, by the reason in words.

    A pair of RAW and JPEG is one photo; where its files were decided both ways it is left out.
    """
    together = Together(settings)
    by_path = {decision.path: decision for decision in decisions}
    found: list[Seen] = []
    left_out: Counter[str] = Counter()
    for result in culling.run(together.hear):
        step(culling.tally.measured > 0)
        decision = _decision(result.frame, by_path)
        if not isinstance(result, Judged):
            left_out["cannot be read"] += 1
        elif decision is None:
            left_out["decided both ways"] += 1
        else:
            found.append(Seen(decision, result))
    together.conclude()
    found.sort(key=lambda each: each.decision.path)
    return [Seen(each.decision, _beside_others(each.result, together)) for each in found], left_out


def _beside_others(result: Judged, together: Together) -> Judged:
    verdict, marks = together.judge(result.frame, result.evidence)
    return replace(result, verdict=verdict, marks=marks)


def _decision(frame: Frame, by_path: Mapping[Path, Decision]) -> Decision | None:
    own = [by_path[path] for path in frame.files if path in by_path]
    return own[0] if len({each.selected for each in own}) == 1 else None


def examples_of(seen: Sequence[Seen], mirror: Callable[[Seen], Floats | None]) -> list[Example]:
    """Make the examples, in the same order; `mirror` gives a select's features as a mirror shows it."""
    shoots = shoots_of(
        [(each.decision.path, each.result.evidence.capture, each.decision.shoot) for each in seen]
    )
    return [
        Example(
            path=each.decision.path,
            selected=each.decision.selected,
            shoot=shoot,
            plain=plain_order(each.result.verdict),
            seen=features(each.result.evidence, each.result.verdict.series),
            mirrored=mirror(each) if each.decision.selected else None,
        )
        for each, shoot in zip(seen, shoots, strict=True)
    ]


def plain_order(verdict: Verdict) -> float:
    """Order photos as the plain ensemble does: the kept, the doubtful, the rejected, each by score."""
    answer, score = sort_key(verdict)
    return -answer - score


PAUSE = timedelta(hours=4)
"""Without a photo for longer than this, the next one belongs to another shoot."""


def shoots_of(photos: Sequence[tuple[Path, Capture, str | None]]) -> list[int]:
    """Number the shoots of photos (path, capture facts, the shoot where it is known), in their order.

    A shoot that is known is believed. Else the time of exposure decides, also across folders, for two cards
    of one wedding are one shoot; a photo without one belongs to those of its folder.
    """
    keys: list[object] = [None] * len(photos)
    timed: list[tuple[datetime, int]] = []
    for index, (path, capture, known) in enumerate(photos):
        taken = None if known is not None else _taken(capture)
        if taken is None:
            keys[index] = known if known is not None else path.parent
        else:
            timed.append((taken, index))
    last, number = datetime.min, 0  # noqa: DTZ901 - local times without a zone are compared
    for taken, index in sorted(timed):
        number += taken - last > PAUSE
        keys[index], last = number, taken
    numbers: dict[object, int] = {}
    return [numbers.setdefault((type(key), key), len(numbers)) for key in keys]


def _taken(capture: Capture) -> datetime | None:
    """The local time of exposure; None where only the file's own time is known, which any copy changes."""
    if capture.taken is None or capture.taken_from == "file":
        return None
    try:
        return datetime.fromisoformat(capture.taken).replace(tzinfo=None)
    except ValueError:
        return None
