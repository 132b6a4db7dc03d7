"""One lecture from start to end: decisions are measured, judged, learned from, and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from autocull.arrays import Doubles, Flags, Floats, Integers
from autocull.judge import Settings
from autocull.learn.calibrating import calibrate
from autocull.learn.cross_validation import Fit, folds_of, judged_blind, train
from autocull.learn.dataset import Examples, Seen, examples_of, see
from autocull.learn.decisions import Gathered, check_enough
from autocull.learn.mirroring import Mirror
from autocull.pipeline.cull_run import Culling
from autocull.stats.calibration import calibration_error, reliability
from autocull.stats.ranking import Comparison, compare
from autocull.taste.features import mirrored
from autocull.taste.profile import Origin, Profile


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What was learned, and the evidence for it.

    `blind` `(n,)` are select probabilities (0-1), each by a head and a calibration that had not seen the
    photo's shoot; `fold` `(n,)` says which head that was.
    """

    profile: Profile
    examples: Examples
    blind: Doubles
    fold: Integers
    comparison: Comparison


def learn(examples: Examples, name: str, origin: Origin, fit: Fit) -> Lesson:
    """Learn a taste; raises LearningError where there is too little to learn from.

    The heads of all folds together are the taste, so what it says of a new shoot is what each of them said of
    the shoots held out from it.
    """
    with_selects = np.unique(examples.shoot[examples.selected])
    check_enough(examples.selected.tolist(), len(with_selects))
    fold = folds_of(examples.selected, examples.shoot)
    heads = train(examples, fold, fit)
    logits = judged_blind(heads, examples, fold)
    blind = _calibrated_blind(logits, examples, fold)
    comparison = compare(examples.selected, examples.shoot, logits, examples.plain)
    calibration = calibrate(logits, examples.selected)
    final = calibration.probability(logits.astype(np.float32)).astype(np.float64)
    profile = Profile(
        name=name,
        heads=heads,
        calibration=calibration,
        held_out=tuple(
            tuple(final[examples.selected & (examples.shoot == number)].tolist()) for number in with_selects
        ),
        acts=comparison.wins,
        figures=_figures(examples, blind, comparison),
        origin=origin,
    )
    return Lesson(profile, examples, blind, fold, comparison)


def _calibrated_blind(logits: Doubles, examples: Examples, fold: Integers) -> Doubles:
    """Turn each fold's logits into probabilities by a calibration from the other folds."""
    blind = np.zeros(len(logits))
    for number in range(int(fold.max()) + 1):
        here = fold == number
        others = calibrate(logits[~here], examples.selected[~here])
        blind[here] = others.probability(logits[here].astype(np.float32))
    return blind


def _figures(examples: Examples, blind: Doubles, comparison: Comparison) -> Mapping[str, float]:
    taste, plain, lead = comparison.taste, comparison.plain, comparison.lead
    truth = examples.selected.astype(np.float64)
    return {
        "select_share": float(truth.mean()),
        "taste": taste.value,
        "taste_low": taste.low,
        "taste_high": taste.high,
        "plain": plain.value,
        "lead": lead.value,
        "lead_low": lead.low,
        "lead_high": lead.high,
        "shoots_compared": float(comparison.shoots),
        "precision_taste": average_precision(examples.selected, blind),
        "precision_plain": average_precision(examples.selected, examples.plain),
        "calibration_error": calibration_error(reliability(blind, truth)),
    }


def average_precision(selected: Flags, order: Doubles) -> float:
    """Average the precision at each select, from the highest photo down; ties count as their mean.

    With `hits` of the `above` photos down to a group of equals, the group's precision is hits / above.
    """
    _, place = np.unique(-order, return_inverse=True)
    found = np.bincount(place, weights=selected)
    above, hits = np.cumsum(np.bincount(place)), np.cumsum(found)
    return float((found * hits / above).sum() / hits[-1])


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
