"""Guard of verdicts: harm and recall keep their floors, by source and size, and the floors are effective."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.judge import Settings
from autocull.measure.models import models_root
from autocull.train.verdicts.labels import VerdictSample
from autocull.train.verdicts.report import VerdictCounts
from regression.corrupted_networks import corrupt_network
from regression.picture_set import make_picture_set
from regression.verdict_floors import DEV_FLOORS, MADE_FLOORS, VerdictFloor
from regression.verdict_metrics import (
    SIZES,
    Cell,
    broken_floors,
    measure_shares,
    sample_dev_photos,
    write_pictures,
)

_SETTINGS = Settings()


def floor_params(floors: tuple[VerdictFloor, ...]) -> list[object]:
    """Return the floors as parameters with readable ids."""
    return [
        pytest.param(floor, id=f"{floor.kind}, {floor.source}, {floor.size}: {floor.answers}")
        for floor in floors
    ]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[VerdictSample]:
    """Write six good pictures, and six with each fault."""
    return write_pictures(make_picture_set(), tmp_path_factory.mktemp("pictures"), 6)


@pytest.fixture(scope="module")
def made_counts(pictures: list[VerdictSample]) -> dict[Cell, VerdictCounts]:
    """Judge the pictures by the shipped networks."""
    return measure_shares(models_root(), pictures, _SETTINGS)


@pytest.fixture(scope="module")
def dev_counts(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Cell, VerdictCounts]:
    """Judge the sample of the shared photos."""
    samples = sample_dev_photos(shared_data, tmp_path_factory.mktemp("manifests"))
    return measure_shares(models_root(), samples, _SETTINGS)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("floor", floor_params(MADE_FLOORS))
def test_made_pictures_keep_their_floors(floor: VerdictFloor, made_counts: dict[Cell, VerdictCounts]) -> None:
    """No shared data are needed."""
    assert floor.holds(floor.share(made_counts[floor.cell])), made_counts[floor.cell]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("floor", floor_params(DEV_FLOORS))
def test_shared_photos_keep_their_floors(floor: VerdictFloor, dev_counts: dict[Cell, VerdictCounts]) -> None:
    """Photos that were not trained on, where the shared data are available."""
    assert floor.holds(floor.share(dev_counts[floor.cell])), dev_counts[floor.cell]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "detectors", [("eyes",), ("defects",), ("focus", "defects", "eyes")], ids=lambda names: "+".join(names)
)
def test_shuffled_weights_break_a_floor(
    detectors: tuple[str, ...], pictures: list[VerdictSample], tmp_path: Path
) -> None:
    """On forty pictures; focus has its own guard, since whole frames stand in for it in clear blur."""
    models = models_root()
    for detector in detectors:
        models = corrupt_network(models, tmp_path / detector, detector, "shuffled")
    counts = measure_shares(models, pictures, _SETTINGS)
    assert broken_floors(MADE_FLOORS, counts)


def test_rejecting_nothing_and_rejecting_everything_break_the_floors(
    made_counts: dict[Cell, VerdictCounts],
) -> None:
    """One floor of each pair breaks."""
    nothing, everything = (
        {
            cell: VerdictCounts(
                is_faulty=each.is_faulty,
                kind=each.kind,
                source=each.source,
                size=each.size,
                n=each.n,
                rejected=each.n if rejects else 0,
                doubted=0,
                named=0,
            )
            for cell, each in made_counts.items()
        }
        for rejects in (False, True)
    )
    assert {floor.kind for floor in broken_floors(MADE_FLOORS, everything)} == {"good"}
    assert "good" not in {floor.kind for floor in broken_floors(MADE_FLOORS, nothing)}
    assert broken_floors(MADE_FLOORS, nothing)


def test_every_floor_has_both_sides_at_each_size() -> None:
    """Good photos and faults of each set and size; the measured share keeps its floor."""
    for floors in (MADE_FLOORS, DEV_FLOORS):
        for size in SIZES:
            kinds = {floor.kind for floor in floors if floor.size == size}
            assert "good" in kinds
            assert len(kinds) > 2
        assert all(floor.holds(floor.measured) for floor in floors)
