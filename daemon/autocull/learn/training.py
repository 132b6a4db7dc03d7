"""One lecture from start to end: decisions are measured, judged, learned from, and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from autocull.arrays import Floats
from autocull.judge import Settings
from autocull.learn.cross_validation import Fit
from autocull.learn.dataset import Seen, examples_of, see
from autocull.learn.decisions import Gathered, check_enough
from autocull.learn.example import Examples
from autocull.learn.lesson import Lesson, learn
from autocull.learn.mirroring import Mirror
from autocull.pipeline.cull_run import Culling
from autocull.taste.features import mirrored
from autocull.taste.profile import Origin


@dataclass(frozen=True, slots=True)
class Lecture:
    """What the taste is to be called, and the settings of the plain ensemble that it has to beat."""

    name: str
    settings: Settings


@dataclass(frozen=True, slots=True, eq=False)
class Attended:
    """The lesson, and the photos that it was learned from, in the order of its examples."""

    lesson: Lesson
    seen: list[Seen]


def attend(
    gathered: Gathered,
    lecture: Lecture,
    culling: Culling,
    step: Callable[[bool], None],
    fit: Fit,
    mirror: Mirror,
) -> Attended:
    """Measure the decided photos that `culling` goes over, and learn from them.

    What was left out is added to `gathered`; `step` hears of each photo whether anything was measured. Raises
    LearningError where too little remains.
    """

    def twin(each: Seen) -> Floats | None:
        small = culling.thumbnail(each.result.frame)
        place = each.result.verdict.series
        return None if small is None else mirrored(each.result.evidence, mirror(small), place)

    seen, left_out = see(culling, lecture.settings, gathered.decisions, step)
    gathered.left_out.update(left_out)
    check_enough([each.decision.selected for each in seen])
    examples = Examples.from_list(examples_of(seen, twin))
    lesson = learn(examples, lecture.name, _origin(gathered, seen, examples), fit)
    return Attended(lesson, seen)


def _origin(gathered: Gathered, seen: list[Seen], examples: Examples) -> Origin:
    return Origin(
        source=gathered.source,
        learned=datetime.now(UTC).date().isoformat(),
        decisions=len(examples),
        selects=int(examples.selected.sum()),
        shoots=len(set(examples.shoot.tolist())),
        models=dict(seen[0].result.evidence.models),
    )
