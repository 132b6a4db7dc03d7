"""Subgroup metrics: every prediction is in one group, and gaps are compared with chance."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.errors import ManifestError
from autocull.train.evaluation.predictions import Prediction
from autocull.train.evaluation.subgroups import (
    GRAVE_GAP,
    SHARES,
    GroupMetrics,
    check_groups,
    compare_groups,
)
from support.fixed_predictions import make_prediction


def blink(truth: str, predicted: str, lightness: float | None = None, **changes: Any) -> Prediction:
    """Make a prediction for a portrait whose face has this lightness."""
    measurements = {} if lightness is None else {"lightness": lightness}
    return make_prediction(truth, predicted, {}, measurements=measurements, **changes)


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=40))
def test_every_prediction_is_in_one_third(values: list[int | None]) -> None:
    """Equal values share a third, unmeasured ones form a group, and the names state the ranges."""
    groups = compare_groups("blink", [blink("open", "open", value) for value in values], "lightness").groups
    assert sum(group.n for group in groups.values()) == len(values)
    unmeasured = groups.get("not measured", GroupMetrics(0, {}))
    assert unmeasured.n == values.count(None)
    for name, group in groups.items():
        if name != "not measured":
            low, high = name.split("(")[1].removesuffix(" L*)").split("-")
            assert group.n == sum(value is not None and int(low) <= value <= int(high) for value in values)


def test_thirds_have_equal_sizes() -> None:
    """Nine different photos make three groups of three, the darkest first."""
    groups = compare_groups("blink", [blink("open", "open", value) for value in range(9)], "lightness").groups
    assert [(name, group.n) for name, group in groups.items()] == [
        ("low (0-2 L*)", 3),
        ("middle (3-5 L*)", 3),
        ("high (6-8 L*)", 3),
    ]


def test_each_share_is_of_its_relevant_predictions() -> None:
    """Doubts lower the share of answered photos, not that of correct ones among them."""
    labels = [("closed", "closed"), ("closed", "cannot_tell"), ("open", "closed"), ("open", "no_faces")]
    shares = compare_groups("blink", [blink(*pair) for pair in labels], "source").groups["s"].shares
    assert {title: (share.n, share.of) for title, share in shares.items()} == {
        "face found": (3, 4),
        "answered": (2, 3),
        "right where answered": (1, 2),
        "closed found": (1, 2),
        "open not called closed": (1, 2),
    }
    assert shares["answered"].interval == pytest.approx((0.2077, 0.9385), abs=1e-3)
    assert set(shares) == set(SHARES["blink"])


def test_other_detectors_have_the_share_of_correct_predictions() -> None:
    """By any column of the manifest; empty cells form a group."""
    predictions = [
        make_prediction("open", "open", extra={"glasses": "yes"}),
        make_prediction("open", "closed", extra={"glasses": ""}),
    ]
    grouped = compare_groups("eyes", predictions, "glasses")
    assert list(grouped.groups) == ["(not stated)", "yes"]
    assert grouped.groups["yes"].shares["right"].share == 1.0
    assert grouped.by == "glasses"


def make_source(source: str, correct: int, count: int) -> list[Prediction]:
    """Make `count` predictions for one source, of which `correct` are correct."""
    return [make_prediction("open", "open" if k < correct else "closed", source=source) for k in range(count)]


@pytest.mark.parametrize(
    ("correct", "called"), [((100, 80), "defect"), ((100, 97), "small"), ((100, 100), "small")]
)
def test_gap_of_many_photos_is_a_defect_or_small(correct: tuple[int, int], called: str) -> None:
    """It names the best and the worst group."""
    predictions = make_source("a", correct[0], 100) + make_source("b", correct[1], 100)
    gap = compare_groups("eyes", predictions, "source").gaps["right"]
    assert (gap.best, gap.worst) == ("a", "b")
    assert gap.gap == pytest.approx((correct[0] - correct[1]) / 100)
    assert gap.called == called
    assert (gap.gap > GRAVE_GAP) == (called == "defect")


def test_gap_of_few_photos_may_be_chance_and_does_not_hide_a_significant_one() -> None:
    """One of one against none of one is not significant; a significant gap precedes a wider one."""
    few = make_source("a", 1, 1) + make_source("b", 0, 1)
    assert compare_groups("eyes", few, "source").gaps["right"].called == "maybe chance"
    mixed = make_source("many", 95, 100) + make_source("worse", 70, 100) + make_source("one", 0, 1)
    gap = compare_groups("eyes", mixed, "source").gaps["right"]
    assert (gap.best, gap.worst, gap.called) == ("many", "worse", "defect")


def test_single_group_has_no_gap() -> None:
    """The gap is None."""
    assert compare_groups("eyes", make_source("a", 1, 2), "source").gaps == {"right": None}


def test_unmeasured_photos_are_not_compared() -> None:
    """A photo without a face has no face size; that is no gap between sizes."""
    measured = [make_prediction("open", "open", measurements={"face_size": size}) for size in range(9)]
    unmeasured = [make_prediction("open", "no_faces") for _ in range(9)]
    grouped = compare_groups("blink", [*measured, *unmeasured], "face_size")
    assert grouped.groups["not measured"].shares["face found"].n == 0
    assert grouped.gaps["face found"].called == "small"


def test_unknown_grouping_is_refused_with_a_list() -> None:
    """Columns of the manifest for all detectors, measurements for blink only."""
    rows = [make_prediction("open", "open", extra={"glasses": "yes"}).row]
    for by in ("source", "glasses", "lightness", "face_size"):
        check_groups("blink", rows, by)
    with pytest.raises(
        ManifestError, match="by 'age'; choose one of glasses, group, label, source, lightness"
    ):
        check_groups("blink", rows, "age")
    with pytest.raises(ManifestError, match="eyes cannot be grouped by 'lightness'"):
        check_groups("eyes", rows, "lightness")
