"""Spoiled photos: every defect is made, each does what its name says, and good photos pass unharmed."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from skimage import data

from autocull.read.photo import Pixels
from autocull.train.evaluation import corruptions as module
from autocull.train.evaluation.corruptions import CORRUPTIONS, corrupt
from autocull.vocabulary import DEFECTS

SEEDS = [(seed, 1) for seed in range(6)]


def picture() -> Pixels:
    """A good one, with odd sides."""
    return data.astronaut()[:301, 60:401]


def mean(pixels: Pixels) -> float:
    """The mean level."""
    return float(pixels.mean())


def roughness(pixels: Pixels) -> float:
    """How much neighbouring pixels differ."""
    return float(np.abs(ndimage.laplace(pixels.mean(2))).mean())


def test_every_defect_is_made() -> None:
    """Under the name that the network has for it, in its order."""
    assert tuple(CORRUPTIONS) == DEFECTS


@pytest.mark.parametrize("fault", [None, *CORRUPTIONS])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_comes_out_is_a_photo(fault: str | None, seed: tuple[int, int]) -> None:
    """Of nearly the same size, changed where there is a fault, and the same for the same seed."""
    made = corrupt(picture(), fault, seed)
    assert made.dtype == np.uint8
    assert max(abs(a - b) for a, b in zip(made.shape, picture().shape, strict=True)) <= 5
    assert np.array_equal(made, corrupt(picture(), fault, seed))
    assert not np.array_equal(made, corrupt(picture(), fault, (99, 99)))
    if made.shape == picture().shape:
        change = np.abs(made.astype(float) - picture()).mean()
        assert change < 3 if fault is None else change > 3


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_do_what_their_names_say(seed: tuple[int, int]) -> None:
    """Light falls or rises, blur smooths, noise roughens, a flare only adds."""
    good = corrupt(picture(), None, seed)
    made = {fault: corrupt(picture(), fault, seed) for fault in CORRUPTIONS}
    assert mean(made["too_dark"]) < 0.6 * mean(good)
    assert mean(made["too_bright"]) > 1.2 * mean(good)
    assert (made["too_bright"] >= 250).mean() > (good >= 250).mean() + 0.05
    for fault in ("motion_blur", "defocus"):
        assert roughness(made[fault]) < 0.6 * roughness(good)
    assert roughness(made["noise"]) > 1.2 * roughness(good)
    assert mean(made["lens_flare"]) > mean(good) + 5
    assert (made["lens_flare"].astype(int) - good).min() > -60, "nothing but the JPEG takes away"


def test_a_movement_has_a_direction_and_a_missed_focus_none() -> None:
    """A drawn path is longer than wide, at any angle and bow; its weight lies in its middle."""
    for angle in (0.0, 35.0, 90.0):
        for bow in (0.0, 60.0, 110.0):
            path = np.asarray(module._draw_path(24.0, angle, bow), float)
            y, x = np.nonzero(path > 20)
            spread = np.sqrt(np.linalg.eigvalsh(np.cov(np.stack([y, x]))))
            assert spread[1] > 2.2 * spread[0], (angle, bow)
            assert 20 <= np.hypot(np.ptp(y), np.ptp(x)) <= 27, (angle, bow)
            middle = ndimage.center_of_mass(path)
            assert middle == pytest.approx([(side - 1) / 2 for side in path.shape], abs=2.5)


def test_nothing_of_the_trainings_generator_is_used() -> None:
    """The figure would be worth nothing otherwise; and training uses nothing of it."""
    folder = Path(module.__file__).parent
    own = {"blur", "camera", "degrade", "faults", "flare", "moods"}

    def imported(file: Path) -> set[str]:
        found: set[str] = set()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autocull.train"):
                found |= {str(node.module).rpartition(".")[2], *(each.name for each in node.names)}
        return found

    assert not imported(folder / "spoiled.py") & own
    for file in (*(folder / "recipes").glob("*.py"), *(folder / f"{name}.py" for name in own)):
        assert "spoiled" not in imported(file), file


def test_a_grey_picture_of_even_sides_is_spoiled_too() -> None:
    """The mosaic of the noise fits any size."""
    for shape in ((64, 80), (65, 80), (64, 81), (65, 81)):
        grey = np.asarray(Image.new("RGB", shape[::-1], (120, 120, 120)))
        for seed in range(4):
            assert corrupt(grey, "noise", (seed,)).shape == (*shape, 3)
