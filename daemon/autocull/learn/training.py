"""Trains a taste from decisions: measure, judge, fit, cross-validate, compare with plain verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from autocull.arrays import Doubles, Floats, Integers
from autocull.judge import Settings
from autocull.learn.cross_validation import FitFunction, assign_folds, predict_out_of_fold, train_heads
from autocull.learn.dataset import LabelledPhoto, TasteExamples, build_examples, measure_decided
from autocull.learn.decisions import DecisionSet, check_enough
from autocull.learn.mirroring import MirrorFunction
from autocull.pipeline import CullRun
from autocull.stats import Comparison, average_precision, calibration_error, compare, fit_platt, reliability
from autocull.taste import Calibration, Origin, Profile, mirror_features


@dataclass(frozen=True, slots=True, eq=False)
class TrainedTaste:
    """A trained profile with its examples and out-of-fold predictions.

    `oof_probability` `(n,)` are select probabilities (0-1), each from a head and a calibration that were not
    fitted on the photo's shoot; `fold` `(n,)` is the number of that head.
    """

    profile: Profile
    examples: TasteExamples
    oof_probability: Doubles
    fold: Integers
    comparison: Comparison


def train_taste(examples: TasteExamples, name: str, origin: Origin, fit: FitFunction) -> TrainedTaste:
    """Train a taste; raises LearningError if there are too few examples.

    The profile keeps the heads of all folds, so its predictions for new shoots come from the heads whose
    held-out predictions were measured.
    """
    select_shoots = np.unique(examples.shoot[examples.selected])
    check_enough(examples.selected.tolist(), len(select_shoots))
    fold = assign_folds(examples.selected, examples.shoot)
    heads = train_heads(examples, fold, fit)
    logits = predict_out_of_fold(heads, examples, fold)
    oof_probability = _calibrate_out_of_fold(logits, examples, fold)
    comparison = compare(examples.selected, examples.shoot, logits, examples.plain_score)
    calibration = Calibration(*fit_platt(logits, examples.selected))
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
    """Return probabilities `(n,)`: each fold's logits, calibrated on the other folds."""
    probability = np.zeros(len(logits))
    for number in range(int(fold.max()) + 1):
        in_fold = fold == number
        calibration = Calibration(*fit_platt(logits[~in_fold], examples.selected[~in_fold]))
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
        "precision_taste": average_precision(examples.selected, oof_probability) or 0.0,
        "precision_plain": average_precision(examples.selected, examples.plain_score) or 0.0,
        "calibration_error": calibration_error(reliability(oof_probability, truth)),
    }


@dataclass(frozen=True, slots=True)
class LearnRequest:
    """The name of the taste, and the settings of the verdicts that it must improve on."""

    name: str
    settings: Settings


@dataclass(frozen=True, slots=True, eq=False)
class LearnResult:
    """A trained taste, and the photos that it was learned from, in the order of its examples."""

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
    """Measure the decided photos in `cull_run` and train a taste on them.

    Counts of photos left out are added to `decision_set`. `on_progress` is called after each photo, with
    whether anything was measured yet. Raises LearningError if too few photos remain.
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
