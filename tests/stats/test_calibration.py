"""Platt and temperature scaling, log loss and calibration error."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.stats.calibration import (
    Task,
    calibration_error,
    confidences,
    fit_platt,
    fit_temperature,
    log_loss,
    probabilities,
    reliability,
)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_softmax_sums_to_one_and_keeps_the_order(temperature: float) -> None:
    """At every temperature, even for logits that would overflow."""
    logits = np.array([[1000.0, 0.0, -3.0], [0.1, 0.2, 0.3]], dtype=np.float32)
    predicted = probabilities(logits, "one_of", temperature)
    assert predicted.sum(axis=1) == pytest.approx([1, 1])
    assert predicted.argmax(axis=1).tolist() == [0, 2]


def test_sigmoid_treats_labels_independently() -> None:
    """Two labels may both be certain."""
    predicted = probabilities(np.array([[50.0, 50.0, 0.0, -1000.0]], dtype=np.float32), "any_of")
    assert predicted[0] == pytest.approx([1, 1, 0.5, 0])


@pytest.mark.parametrize("answer", ["one_of", "any_of"])
@pytest.mark.parametrize("true", [0.5, 1.0, 2.0])
def test_fit_recovers_the_temperature(answer: Task, true: float) -> None:
    """Labels sampled from scaled logits give back the temperature of the sampling."""
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (6000, 2)).astype(np.float32)
    predicted = probabilities(logits, answer, true)
    if answer == "any_of":
        targets = (rng.random(predicted.shape) < predicted).astype(np.float32)
    else:
        targets = np.eye(2, dtype=np.float32)[(rng.random(len(predicted)) < predicted[:, 1]).astype(int)]
    temperature = fit_temperature(logits, targets, answer)
    assert temperature == pytest.approx(true, rel=0.12)
    assert log_loss(logits, targets, answer, temperature) <= log_loss(logits, targets, answer, 1.0)


def test_reliability_bins_give_the_calibration_error() -> None:
    """Two bins, one calibrated and one 0.3 off, weighted by their counts."""
    confidence = np.array([0.65] * 20 + [0.95] * 20)
    correct = np.array([1.0] * 13 + [0.0] * 7 + [1.0] * 13 + [0.0] * 7)
    bins = reliability(confidence, correct)
    assert [count for *_, count in bins] == [20, 20]
    assert bins[0][:2] == pytest.approx((0.65, 0.65))
    assert calibration_error(bins) == pytest.approx(0.15)


def test_confidence_of_one_is_in_the_last_bin() -> None:
    """And 0 is in the first."""
    assert reliability(np.array([1.0, 0.0]), np.array([1.0, 0.0])) == [(0.0, 0.0, 1), (1.0, 1.0, 1)]


def test_confidences_are_paired_with_outcomes() -> None:
    """For "one_of" that of the chosen class, for "any_of" that of every label."""
    predicted = np.array([[0.7, 0.3], [0.4, 0.6]])
    targets = np.array([[1, 0], [1, 0]], dtype=np.float32)
    chosen, correct = confidences(predicted, targets, "one_of")
    assert (chosen.tolist(), correct.tolist()) == ([0.7, 0.6], [1.0, 0.0])
    every, true = confidences(predicted, targets, "any_of")
    assert (every.tolist(), true.tolist()) == ([0.7, 0.3, 0.4, 0.6], [1, 0, 1, 0])


def test_platt_scaling_recovers_slope_and_offset() -> None:
    """Logits that are three times too large and shifted become calibrated probabilities."""
    rng = np.random.default_rng(3)
    true_logits = rng.normal(-2, 1.5, 20_000)
    truth = rng.random(20_000) < 1 / (1 + np.exp(-true_logits))
    logits = 3 * true_logits + 5
    slope, offset = fit_platt(logits, truth)
    assert slope == pytest.approx(1 / 3, abs=0.02)
    assert offset == pytest.approx(-5 / 3, abs=0.1)
    probability = 1 / (1 + np.exp(-(slope * logits + offset)))
    assert calibration_error(reliability(probability, truth.astype(np.float64))) < 0.01


def test_platt_scaling_never_reverses_the_order() -> None:
    """Logits that contradict the truth get the share of positives for all samples."""
    logits = np.random.default_rng(3).standard_normal(2000)
    truth = logits < -0.5
    slope, offset = fit_platt(logits, truth)
    assert 0 < slope < 0.01
    assert 1 / (1 + np.exp(-offset)) == pytest.approx(truth.mean(), abs=0.01)


def test_platt_scaling_of_few_samples_is_finite() -> None:
    """Two separated samples do not get a probability of 0 or 1."""
    slope, offset = fit_platt(np.array([-9.0, 9.0]), np.array([False, True]))
    assert 0.5 < 1 / (1 + np.exp(-(slope * 9 + offset))) < 0.99
