"""Views of pairs: one view in any light, at small shifts, and neither with another scene nor far away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.arrays import Indices
from autocull.series.timeline import ShotTable
from autocull.series.views import (
    AIMED_SHIFT,
    are_promising,
    compare_views,
    lack_content,
    propagate_light,
)
from support.simulated_shoots import Camera, Scene

PAIR: Indices = np.array([[0, 1]])


def table_of(stops: float = 0.0, at: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> ShotTable:
    """Take a scene twice, the second time with so many stops more light and framed `at`."""
    camera = Camera(np.random.default_rng(seed))
    scene = Scene.random(camera.rng)
    return ShotTable.from_shots([camera.shoot(scene), camera.shoot(scene, stops=stops, at=at)])


@pytest.mark.parametrize("stops", [-4.0, -2.0, -0.5, 0.0, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_one_view_in_any_light(stops: float, seed: int) -> None:
    """The correlation hardly depends on the exposure, and the light differs as the exposures do."""
    table = table_of(stops, seed=seed)
    views = compare_views(table, PAIR)
    assert views.are_one().all()
    assert views.light[0] == pytest.approx(-stops, abs=0.2)
    assert are_promising(table, PAIR).all()


@pytest.mark.parametrize(("cells", "held", "aimed"), [(3, True, True), (9, False, True), (20, False, False)])
def test_shift_is_found_up_to_its_limit(cells: int, held: bool, aimed: bool) -> None:
    """A camera held by hand shifts the view by few cells, and one that is aimed anew by more."""
    table = table_of(at=(cells / 48, -cells / 48))
    assert compare_views(table, PAIR).are_one().all() == held
    views = compare_views(table, PAIR, AIMED_SHIFT)
    assert views.are_one().all() == aimed
    if aimed:
        assert np.abs(views.shift[0] - (cells, -cells)).max() <= 1


def test_other_scenes_are_other_views() -> None:
    """Of 400 pairs of scenes none is one view, and few are worth a comparison."""
    camera = Camera(np.random.default_rng(1))
    table = ShotTable.from_shots([camera.shoot(Scene.random(camera.rng)) for _ in range(40)])
    pairs = np.random.default_rng(2).permutation(np.stack(np.triu_indices(40, 1), axis=1))[:400]
    assert not compare_views(table, pairs, AIMED_SHIFT).are_one().any()
    assert are_promising(table, pairs).mean() < 0.2


def test_no_pairs_give_no_views() -> None:
    """An empty list of pairs is compared too."""
    table, none = table_of(), np.zeros((0, 2), np.intp)
    assert len(compare_views(table, none).likeness) == len(are_promising(table, none)) == 0


def test_light_is_propagated_along_pairs() -> None:
    """Differences of pairs add up; a shot without a pair has no light."""
    pairs, light = np.array([[0, 1], [1, 2], [3, 4]]), np.array([1.0, -3.0, 0.5])
    lightness = propagate_light(6, pairs, light)
    assert lightness[:5].tolist() == [0.0, -1.0, 2.0, 0.0, -0.5]
    assert np.isnan(lightness[5])


def test_black_and_white_frames_lack_content() -> None:
    """Where hardly a cell is neither black nor white, nothing can be compared."""
    table = table_of()
    black, white = (replace(table.shots[0], tones=np.full((48, 48), tone, np.uint8)) for tone in (3, 255))
    assert lack_content(ShotTable.from_shots([black, white]), np.arange(2)).all()
    assert not lack_content(table, np.arange(2)).any()
