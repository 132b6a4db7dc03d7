"""Figures of merit, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.stats.metrics import (
    area_under_curve,
    binary_metrics,
    mean,
    multiclass_metrics,
    multilabel_metrics,
    wilson_interval,
)


def test_a_yes_or_no_answer() -> None:
    """3 of 4 true ones found, 1 false alarm among 6: every figure by hand."""
    truth = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], dtype=bool)
    score = np.array([0.9, 0.8, 0.7, 0.2, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1])
    figures = binary_metrics(truth, score, score > 0.5)
    assert figures["n"] == 10
    assert figures["accuracy"] == pytest.approx(0.8)
    assert figures["balanced_accuracy"] == pytest.approx((3 / 4 + 5 / 6) / 2)
    assert figures["precision"] == pytest.approx(3 / 4)
    assert figures["recall"] == pytest.approx(3 / 4)
    assert figures["f1"] == pytest.approx(3 / 4)
    assert figures["auc"] == pytest.approx(23 / 24)
    assert figures["confusion"] == {
        "true_positive": 3,
        "false_positive": 1,
        "false_negative": 1,
        "true_negative": 5,
    }


def test_what_is_not_defined_is_none() -> None:
    """Without true examples there is no recall and no area; without an answer no precision."""
    truth, nothing = np.zeros(3, dtype=bool), np.zeros(3)
    figures = binary_metrics(truth, nothing, nothing > 1)
    assert figures["accuracy"] == 1.0
    assert figures["balanced_accuracy"] == 1.0
    assert (figures["precision"], figures["recall"], figures["f1"], figures["auc"]) == (None,) * 4
    empty = binary_metrics(truth[:0], nothing[:0], truth[:0])
    assert (empty["n"], empty["accuracy"], empty["balanced_accuracy"]) == (0, None, None)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=40),
)
def test_the_area_is_the_share_of_pairs_in_order(answers: list[tuple[bool, int]]) -> None:
    """The area equals the share of (true, false) pairs that the score orders rightly, ties counting half."""
    truth, score = (np.array(column) for column in zip(*answers, strict=True))
    pairs = [np.sign(a - b) / 2 + 0.5 for a in score[truth] for b in score[~truth]]
    area = area_under_curve(truth, score.astype(float))
    assert area is None if not pairs else area == pytest.approx(np.mean(pairs))


def test_a_choice_among_classes() -> None:
    """Overall figures are means over the labels; the confusion says what was taken for what."""
    scores = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    figures = multiclass_metrics(["cat", "cat", "dog", "owl"], scores, ("cat", "dog", "owl"))
    assert figures["n"] == 4
    assert figures["accuracy"] == pytest.approx(3 / 4)
    assert figures["balanced_accuracy"] == pytest.approx((1 / 2 + 1 + 1) / 3)
    assert figures["precision"] == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert figures["confusion"]["cat"] == {"cat": 1, "dog": 1, "owl": 0}
    assert figures["per_label"]["dog"]["precision"] == pytest.approx(1 / 2)
    assert figures["per_label"]["owl"]["auc"] == 1.0


def test_no_examples_are_no_figures() -> None:
    """A manifest of which nothing could be read has figures of None."""
    figures = multiclass_metrics([], np.zeros((0, 2)), ("cat", "dog"))
    assert (figures["n"], figures["accuracy"], figures["auc"]) == (0, None, None)


def test_several_answers_per_example() -> None:
    """Each label has its own limit; accuracy counts every answer."""
    truth = np.array([[1, 0], [0, 1], [0, 0]], dtype=bool)
    scores = np.array([[0.9, 0.6], [0.2, 0.9], [0.1, 0.4]])
    figures = multilabel_metrics(truth, scores, ("dark", "noise"), (0.5, 0.5))
    assert figures["n"] == 3
    assert figures["accuracy"] == pytest.approx(5 / 6)
    assert figures["auc"] == 1.0
    assert figures["confusion"]["noise"]["false_positive"] == 1
    raised = multilabel_metrics(truth, scores, ("dark", "noise"), (0.5, 0.7))
    assert raised["accuracy"] == 1.0


def test_the_interval_of_a_share() -> None:
    """Wilson's interval for 8 of 10, from the literature; it stays within 0 and 1 and shrinks with n."""
    low, high = wilson_interval(0.8, 10) or (0.0, 0.0)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson_interval(1.0, 20) == (pytest.approx(0.839, abs=1e-3), 1.0)
    narrow = wilson_interval(0.8, 1000) or (0.0, 1.0)
    assert narrow[1] - narrow[0] < 0.06
    assert wilson_interval(None, 10) is None
    assert wilson_interval(0.5, 0) is None


def test_the_mean_leaves_out_what_is_not_there() -> None:
    """None does not count as 0."""
    assert mean([1.0, None, 0.5]) == 0.75
    assert mean([None]) is None
