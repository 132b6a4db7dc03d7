"""Calibration: the temperature makes probabilities mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.stats.calibration import (
    Task,
    calibration_error,
    confidences,
    fit_temperature,
    log_loss,
    probabilities,
    reliability,
)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_softmax_sums_to_one_and_keeps_the_order(temperature: float) -> None:
    """Whatever the temperature, even for logits that would overflow."""
    logits = np.array([[1000.0, 0.0, -3.0], [0.1, 0.2, 0.3]], dtype=np.float32)
    said = probabilities(logits, "one_of", temperature)
    assert said.sum(axis=1) == pytest.approx([1, 1])
    assert said.argmax(axis=1).tolist() == [0, 2]


def test_sigmoid_answers_each_label_for_itself() -> None:
    """Two labels may both be certain."""
    said = probabilities(np.array([[50.0, 50.0, 0.0, -1000.0]], dtype=np.float32), "any_of")
    assert said[0] == pytest.approx([1, 1, 0.5, 0])


@pytest.mark.parametrize("answer", ["one_of", "any_of"])
@pytest.mark.parametrize("true", [0.5, 1.0, 2.0])
def test_the_temperature_is_found(answer: Task, true: float) -> None:
    """Labels drawn from cooled logits give back the temperature at which they were drawn."""
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (6000, 2)).astype(np.float32)
    said = probabilities(logits, answer, true)
    if answer == "any_of":
        targets = (rng.random(said.shape) < said).astype(np.float32)
    else:
        targets = np.eye(2, dtype=np.float32)[(rng.random(len(said)) < said[:, 1]).astype(int)]
    found = fit_temperature(logits, targets, answer)
    assert found == pytest.approx(true, rel=0.12)
    assert log_loss(logits, targets, answer, found) <= log_loss(logits, targets, answer, 1.0)


def test_the_diagram_and_its_error() -> None:
    """Two bins, one right as often as it says and one 0.3 off, weighted by their answers."""
    confidence = np.array([0.65] * 20 + [0.95] * 20)
    right = np.array([1.0] * 13 + [0.0] * 7 + [1.0] * 13 + [0.0] * 7)
    bins = reliability(confidence, right)
    assert [count for *_, count in bins] == [20, 20]
    assert bins[0][:2] == pytest.approx((0.65, 0.65))
    assert calibration_error(bins) == pytest.approx(0.15)


def test_certainty_has_a_bin_too() -> None:
    """A confidence of exactly 1 falls into the last bin."""
    assert reliability(np.array([1.0, 0.0]), np.array([1.0, 0.0])) == [(0.0, 0.0, 1), (1.0, 1.0, 1)]


def test_what_is_paired_with_what_came_true() -> None:
    """For one class it is the chosen one, for several labels each of them."""
    said = np.array([[0.7, 0.3], [0.4, 0.6]])
    targets = np.array([[1, 0], [1, 0]], dtype=np.float32)
    chosen, right = confidences(said, targets, "one_of")
    assert (chosen.tolist(), right.tolist()) == ([0.7, 0.6], [1.0, 0.0])
    every, true = confidences(said, targets, "any_of")
    assert (every.tolist(), true.tolist()) == ([0.7, 0.3, 0.4, 0.6], [1, 0, 1, 0])
