"""Guard against worse networks: every metric keeps its floor, and the floors are effective."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from autocull.measure.evidence import Evidence
from autocull.measure.models import models_root
from regression import dev_splits
from regression.corrupted_networks import CORRUPTIONS, corrupt_network
from regression.floors import DEV_FLOORS, PICTURE_FLOORS, Floor
from regression.picture_metrics import DETECTORS, REJECTING, SETTINGS, Metrics, judge_all, measure_all
from regression.picture_set import PictureSet, make_picture_set

GetMetrics = Callable[[str], Metrics]
EvidenceByFault = dict[str, list[Evidence]]


def floor_params(floors: tuple[Floor, ...]) -> list[object]:
    """Return the floors as parameters with readable ids."""
    return [pytest.param(floor, id=f"{floor.subject}: {floor.metric} {floor.side}") for floor in floors]


def broken_floors(floors: tuple[Floor, ...], subject: str, metrics: Metrics) -> list[str]:
    """Return the metrics of one detector that break their floors."""
    return [
        floor.metric
        for floor in floors
        if floor.subject == subject and not floor.holds(metrics[floor.metric])
    ]


@pytest.fixture(scope="module")
def pictures() -> PictureSet:
    """Make the picture set."""
    return make_picture_set()


@pytest.fixture(scope="module")
def measured(pictures: PictureSet) -> EvidenceByFault:
    """Measure the picture set with the ensemble."""
    return measure_all(models_root(), pictures)


@pytest.fixture(scope="module")
def picture_metrics(pictures: PictureSet, measured: EvidenceByFault) -> GetMetrics:
    """Return a function for the metrics of a detector on the picture set; each is computed once."""
    return cache(
        lambda subject: (
            judge_all(measured, SETTINGS)
            if subject == "whole"
            else DETECTORS[subject](models_root(), pictures)
        )
    )


@pytest.fixture(scope="module")
def dev_metrics() -> Callable[[str, Path], Metrics]:
    """Return a function for the metrics of a set of the shared photos; each is computed once."""
    return cache(lambda subject, data: dev_splits.SETS[subject](models_root(), data))


@pytest.mark.parametrize("floor", floor_params(PICTURE_FLOORS))
def test_shipped_networks_keep_their_floors(floor: Floor, picture_metrics: GetMetrics) -> None:
    """The picture set needs no shared data."""
    value = picture_metrics(floor.subject)[floor.metric]
    assert floor.holds(value), f"{floor.subject}: {floor.metric} is {value:.3f}, once {floor.measured:.3f}"


@pytest.mark.parametrize("floor", floor_params(DEV_FLOORS))
def test_shipped_networks_keep_their_floors_on_photos(
    floor: Floor, dev_metrics: Callable[[str, Path], Metrics], shared_data: Path
) -> None:
    """Photos that were not trained on, where the shared data are available."""
    value = dev_metrics(floor.subject, shared_data)[floor.metric]
    assert floor.holds(value), f"{floor.subject}: {floor.metric} is {value:.3f}, once {floor.measured:.3f}"


def test_every_metric_has_its_floor(picture_metrics: GetMetrics) -> None:
    """No metric is without a floor, and no floor without a metric."""
    for subject in (*DETECTORS, "whole"):
        assert set(picture_metrics(subject)) == {
            floor.metric for floor in PICTURE_FLOORS if floor.subject == subject
        }
    assert {floor.subject for floor in DEV_FLOORS} == set(dev_splits.SETS)


@pytest.mark.parametrize("floor", floor_params((*PICTURE_FLOORS, *DEV_FLOORS)))
def test_a_floor_accepts_its_measurement_and_refuses_the_far_end(floor: Floor) -> None:
    """The measured value keeps it; NaN and the far end do not."""
    assert floor.holds(floor.measured)
    assert not floor.holds(float("nan"))
    assert not floor.holds(0.0 if floor.side == "at least" else 1.0)


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("detector", DETECTORS)
def test_a_corrupted_network_breaks_a_floor(
    detector: str, corruption: str, pictures: PictureSet, tmp_path: Path
) -> None:
    """Weights shuffled, weights of 0, classes swapped: valid checksums, wrong predictions."""
    models = corrupt_network(models_root(), tmp_path / "models", detector, corruption)
    assert broken_floors(PICTURE_FLOORS, detector, DETECTORS[detector](models, pictures))


def test_corruption_leaves_other_networks_unchanged(pictures: PictureSet, tmp_path: Path) -> None:
    """A detector whose network was not corrupted measures as before."""
    models = corrupt_network(models_root(), tmp_path / "models", "focus", "shuffled")
    assert DETECTORS["eyes"](models, pictures) == DETECTORS["eyes"](models_root(), pictures)


def test_rejecting_nothing_breaks_the_floors(measured: EvidenceByFault) -> None:
    """A harm of 0 does not pass where bad pictures are not rejected."""
    names = ("eyes", "defocus", "motion", "dark", "bright", "quality")
    lenient = SETTINGS.model_copy(update={f"{name}_trust": "doubt" for name in names})
    metrics = judge_all(measured, lenient)
    assert metrics["harm"] == 0
    assert set(broken_floors(PICTURE_FLOORS, "whole", metrics)) == {
        f"{fault} rejected" for fault in REJECTING
    }


def test_rejecting_everything_breaks_the_floors(measured: EvidenceByFault) -> None:
    """Rejecting all bad pictures does not pass where good ones are rejected, too."""
    strict = SETTINGS.model_copy(update={"focus_reject": 1, "focus_second": "never", "focus_plain": 0})
    metrics = judge_all(measured, strict)
    assert metrics["defocus rejected"] == 1
    assert broken_floors(PICTURE_FLOORS, "whole", metrics) == ["harm", "good kept"]


def test_the_picture_set_is_reproducible(pictures: PictureSet) -> None:
    """Metrics of two days can be compared: random parts are seeded."""
    again = make_picture_set()
    for field in ("good", "blinks", "open_eyes", "closed_eyes"):
        pairs = zip(getattr(pictures, field), getattr(again, field), strict=True)
        assert all(np.array_equal(one, other) for one, other in pairs)
    for fault, corrupted in pictures.bad.items():
        assert all(map(np.array_equal, corrupted, again.bad[fault]))
