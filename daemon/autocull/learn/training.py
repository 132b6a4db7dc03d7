"""One lecture from start to end: decisions are measured, judged, learned from, and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from autocull.arrays import Doubles, Flags, Floats, Integers
from autocull.judge import Settings
from autocull.learn.calibrating import fit_platt
from autocull.learn.cross_validation import FitFunction, assign_folds, predict_out_of_fold, train_heads
from autocull.learn.dataset import LabelledPhoto, TasteExamples, build_examples, measure_decided
from autocull.learn.decisions import DecisionSet, check_enough
from autocull.learn.mirroring import MirrorFunction
from autocull.pipeline.cull_run import CullRun
from autocull.stats.calibration import calibration_error, reliability
from autocull.stats.ranking import Comparison, compare
from autocull.taste.features import mirror_features
from autocull.taste.profile import Origin, Profile


@dataclass(frozen=True, slots=True, eq=False)
class TrainedTaste:
    """What was learned, and the evidence for it.

    `oof_probability` `(n,)` are select probabilities (0-1), each by a head and a calibration that had not
    seen the photo's shoot; `fold` `(n,)` says which head that was.
    """

    profile: Profile
    examples: TasteExamples
    oof_probability: Doubles
    fold: Integers
    comparison: Comparison


def train_taste(examples: TasteExamples, name: str, origin: Origin, fit: FitFunction) -> TrainedTaste:
    """Learn a taste; raises LearningError where there is too little to learn from.

    The heads of all folds together are the taste, so what it says of a new shoot is what each of them said of
    the shoots held out from it.
    """
    select_shoots = np.unique(examples.shoot[examples.selected])
    check_enough(examples.selected.tolist(), len(select_shoots))
    fold = assign_folds(examples.selected, examples.shoot)
    heads = train_heads(examples, fold, fit)
    logits = predict_out_of_fold(heads, examples, fold)
    oof_probability = _calibrate_out_of_fold(logits, examples, fold)
    comparison = compare(examples.selected, examples.shoot, logits, examples.plain_score)
    calibration = fit_platt(logits, examples.selected)
    probability = calibration.probability(logits.astype(np.float32)).astype(np.float64)
    profile = Profile(
        name=name,
        heads=heads,
        calibration=calibration,
        held_out=tuple(
            tuple(probability[examples.selected & (examples.shoot == number)].tolist())
            for number in select_shoots
        ),
        acts=comparison.wins,
        metrics=_compute_metrics(examples, oof_probability, comparison),
        origin=origin,
    )
    return TrainedTaste(profile, examples, oof_probability, fold, comparison)


def _calibrate_out_of_fold(logits: Doubles, examples: TasteExamples, fold: Integers) -> Doubles:
    """Turn each fold's logits into probabilities by a calibration from the other folds."""
    probability = np.zeros(len(logits))
    for number in range(int(fold.max()) + 1):
        in_fold = fold == number
        calibration = fit_platt(logits[~in_fold], examples.selected[~in_fold])
        probability[in_fold] = calibration.probability(logits[in_fold].astype(np.float32))
    return probability


def _compute_metrics(
    examples: TasteExamples, oof_probability: Doubles, comparison: Comparison
) -> Mapping[str, float]:
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
        "precision_taste": average_precision(examples.selected, oof_probability),
        "precision_plain": average_precision(examples.selected, examples.plain_score),
        "calibration_error": calibration_error(reliability(oof_probability, truth)),
    }


def average_precision(selected: Flags, order: Doubles) -> float:
    """Average the precision at each select, from the highest photo down; ties count as their mean.

    With `hits` of the `above` photos down to a group of equals, the group's precision is hits / above.
    """
    _, rank = np.unique(-order, return_inverse=True)
    rank_hits = np.bincount(rank, weights=selected)
    above, hits = np.cumsum(np.bincount(rank)), np.cumsum(rank_hits)
    return float((rank_hits * hits / above).sum() / hits[-1])


@dataclass(frozen=True, slots=True)
class LearnRequest:
    """What the taste is to be called, and the settings of the plain ensemble that it has to beat."""

    name: str
    settings: Settings


@dataclass(frozen=True, slots=True, eq=False)
class LearnResult:
    """The lesson, and the photos that it was learned from, in the order of its examples."""

    trained: TrainedTaste
    photos: list[LabelledPhoto]


def learn_taste(
    decision_set: DecisionSet,
    request: LearnRequest,
    cull_run: CullRun,
    on_progress: Callable[[bool], None],
    fit: FitFunction,
    mirror: MirrorFunction,
) -> LearnResult:
    """Measure the decided photos that `cull_run` goes over, and learn from them.

    What was left out is added to `decision_set`; `on_progress` hears of each photo whether anything was
    measured. Raises LearningError where too little remains.
    """

    def mirror_select(photo: LabelledPhoto) -> Floats | None:
        thumbnail = cull_run.thumbnail(photo.result.frame)
        position = photo.result.verdict.series
        return (
            None if thumbnail is None else mirror_features(photo.result.evidence, mirror(thumbnail), position)
        )

    labelled, left_out = measure_decided(cull_run, request.settings, decision_set.decisions, on_progress)
    decision_set.left_out.update(left_out)
    check_enough([each.decision.selected for each in labelled])
    examples = TasteExamples.from_list(build_examples(labelled, mirror_select))
    trained = train_taste(examples, request.name, _create_origin(decision_set, labelled, examples), fit)
    return LearnResult(trained, labelled)


def _create_origin(
    decision_set: DecisionSet, labelled: list[LabelledPhoto], examples: TasteExamples
) -> Origin:
    return Origin(
        source=decision_set.source,
        learned=datetime.now(UTC).date().isoformat(),
        decisions=len(examples),
        selects=int(examples.selected.sum()),
        shoots=len(set(examples.shoot.tolist())),
        models=dict(labelled[0].result.evidence.models),
    )
