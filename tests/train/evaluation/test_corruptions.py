"""Corruptions: one for every defect, each with its effect, and none on the uncorrupted copy."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from skimage import data

from autocull import train
from autocull.read.photo import Pixels
from autocull.train.evaluation import corruptions
from autocull.train.evaluation.corruptions import CORRUPTIONS, corrupt, draw_motion_path
from autocull.vocabulary import DEFECTS

SEEDS = [(seed, 1) for seed in range(6)]


def picture() -> Pixels:
    """Return a good picture with odd sides."""
    return data.astronaut()[:301, 60:401]


def mean(pixels: Pixels) -> float:
    """Return the mean level."""
    return float(pixels.mean())


def roughness(pixels: Pixels) -> float:
    """Return the mean difference of neighbouring pixels."""
    return float(np.abs(ndimage.laplace(pixels.mean(2))).mean())


def test_every_defect_has_a_corruption() -> None:
    """Under the network's names, in its order."""
    assert tuple(CORRUPTIONS) == DEFECTS


@pytest.mark.parametrize("defect", [None, *CORRUPTIONS])
@pytest.mark.parametrize("seed", SEEDS)
def test_corruption_is_a_photo(defect: str | None, seed: tuple[int, int]) -> None:
    """Of nearly the same size, changed where there is a defect, and the same for the same seed."""
    corrupted = corrupt(picture(), defect, seed)
    assert corrupted.dtype == np.uint8
    assert max(abs(a - b) for a, b in zip(corrupted.shape, picture().shape, strict=True)) <= 5
    assert np.array_equal(corrupted, corrupt(picture(), defect, seed))
    assert not np.array_equal(corrupted, corrupt(picture(), defect, (99, 99)))
    if corrupted.shape == picture().shape:
        change = np.abs(corrupted.astype(float) - picture()).mean()
        assert change < 3 if defect is None else change > 3


@pytest.mark.parametrize("seed", SEEDS)
def test_corruptions_have_their_effect(seed: tuple[int, int]) -> None:
    """Exposure falls or rises, blur smooths, noise roughens, a flare only adds light."""
    good = corrupt(picture(), None, seed)
    corrupted = {defect: corrupt(picture(), defect, seed) for defect in CORRUPTIONS}
    assert mean(corrupted["too_dark"]) < 0.6 * mean(good)
    assert mean(corrupted["too_bright"]) > 1.2 * mean(good)
    assert (corrupted["too_bright"] >= 250).mean() > (good >= 250).mean() + 0.05
    for defect in ("motion_blur", "defocus"):
        assert roughness(corrupted[defect]) < 0.6 * roughness(good)
    assert roughness(corrupted["noise"]) > 1.2 * roughness(good)
    assert mean(corrupted["lens_flare"]) > mean(good) + 5
    assert (corrupted["lens_flare"].astype(int) - good).min() > -60, "only JPEG may darken"


def test_motion_path_is_long_thin_and_centred() -> None:
    """At any angle and arc; its centre of mass is near the centre of the picture."""
    for angle in (0.0, 35.0, 90.0):
        for arc in (0.0, 60.0, 110.0):
            path = np.asarray(draw_motion_path(24.0, angle, arc), float)
            y, x = np.nonzero(path > 20)
            spread = np.sqrt(np.linalg.eigvalsh(np.cov(np.stack([y, x]))))
            assert spread[1] > 2.2 * spread[0], (angle, arc)
            assert 20 <= np.hypot(np.ptp(y), np.ptp(x)) <= 27, (angle, arc)
            centre = ndimage.center_of_mass(path)
            assert centre == pytest.approx([(side - 1) / 2 for side in path.shape], abs=2.5)


def test_corruptions_and_training_synthesis_share_no_code() -> None:
    """Otherwise a network could score by having learned the generator; in both directions."""
    assert not any("synthesis" in name for name in _imports(Path(corruptions.__file__)))
    package = Path(train.__file__).parent
    for folder in ("recipes", "synthesis"):
        files = list((package / folder).glob("*.py"))
        assert len(files) > 5
        for file in files:
            assert not any("corruptions" in name for name in _imports(file)), file


def _imports(file: Path) -> set[str]:
    """Return the modules and names that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names |= {str(node.module), *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def test_noise_fits_any_size() -> None:
    """Even and odd sides, for the noise with a mosaic as for that without."""
    for shape in ((64, 80), (65, 80), (64, 81), (65, 81)):
        grey = np.asarray(Image.new("RGB", shape[::-1], (120, 120, 120)))
        for seed in range(4):
            assert corrupt(grey, "noise", (seed,)).shape == (*shape, 3)
