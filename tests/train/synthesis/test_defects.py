"""Faults: what is wanted is done, what is done is told, and the target grows with the defect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from autocull.arrays import Floats
from autocull.train.synthesis import defects, isp
from autocull.train.synthesis.defects import add_defects, sample_defective_image
from autocull.vocabulary import DEFECTS


@pytest.fixture(scope="module")
def scene() -> Floats:
    """A good picture in linear light."""
    return isp.to_linear(data.astronaut()[:160:2, 120:340:2])


def dice(seed: int) -> np.random.Generator:
    """Make dice that fall the same in every run."""
    return np.random.default_rng(seed)


def told(scene: Floats, wanted: list[str], seed: int) -> dict[str, float]:
    """The target of a photo with these faults, by label."""
    return dict(zip(DEFECTS, add_defects(scene, wanted, dice(seed)).target.tolist(), strict=True))


@pytest.mark.parametrize("label", DEFECTS)
def test_a_wanted_fault_is_told_and_the_others_are_not(label: str, scene: Floats) -> None:
    """Over several takes the wanted label is high in most, every other one low in all."""
    targets = [told(scene, [label], seed) for seed in range(8)]
    assert np.mean([target[label] for target in targets]) > 0.3
    for other in set(DEFECTS) - {label, "noise"}:  # noise follows the light: a dark photo is noisier
        most = defects.INTENDED_SEVERITY if other.startswith("too_") else 0.05
        assert max(target[other] for target in targets) <= most, other


def test_without_faults_every_target_is_low(scene: Floats) -> None:
    """A photo in good order has no defect; the noise of any camera stays mild."""
    for seed in range(8):
        target = told(scene, [], seed)
        light = ("too_dark", "too_bright")
        assert sum(value for label, value in target.items() if label not in ("noise", *light)) < 0.05
        assert max(target[label] for label in light) <= defects.INTENDED_SEVERITY, (
            "a light that was meant is no fault"
        )
        assert target["noise"] < 0.5


def test_severities_are_between_0_and_1_and_vary(scene: Floats) -> None:
    """Mild faults occur: the probability is to mean severity."""
    targets = np.stack([sample_defective_image(scene, dice(seed)).target for seed in range(40)])
    assert targets.shape == (40, len(DEFECTS))
    assert targets.dtype == np.float32
    assert targets.min() >= 0
    assert targets.max() <= 1
    assert (targets.max(axis=1) <= defects.INTENDED_SEVERITY).sum() >= 5, "good photos are among them"
    assert ((targets > 0.05) & (targets < 0.95)).sum() >= 6
    assert ((targets > 0.3).sum(axis=1) >= 2).any(), "several at once are among them"


def test_the_same_dice_give_the_same_photo(scene: Floats) -> None:
    """All chance comes from the generator."""
    one, same = sample_defective_image(scene, dice(5)), sample_defective_image(scene, dice(5))
    assert np.array_equal(one.pixels, same.pixels)
    assert np.array_equal(one.target, same.target)


def test_exposure_counts_only_where_the_picture_shows_it() -> None:
    """A stop less of a white page is no dark photo; the same stop on a grey one is."""
    white = np.full((16, 16, 3), 190, np.uint8)
    grey = np.full((16, 16, 3), 60, np.uint8)
    assert defects._light_severity(white, -2.0)["too_dark"] == 0
    assert defects._light_severity(grey, -2.0)["too_dark"] > 0.5
    assert defects._light_severity(grey, 0.0) == {"too_dark": defects.INTENDED_SEVERITY, "too_bright": 0}
    assert defects._light_severity(np.full((16, 16, 3), 118, np.uint8), 0.0) == {
        "too_dark": 0,
        "too_bright": 0,
    }
    assert defects._light_severity(white, 2.0)["too_bright"] == 1.0


def test_burnt_out_lights_are_too_bright_whatever_the_middle() -> None:
    """A dark scene with a third of white, two stops over, is a fault; meant so, it is none."""
    scene = np.full((18, 16, 3), 60, np.uint8)
    scene[:6] = 255
    assert defects._light_severity(scene, 2.0)["too_bright"] == 1.0
    assert defects._light_severity(scene, 0.0)["too_bright"] == 0.0
    scene[:6] = 240
    assert defects._light_severity(scene, 2.0)["too_bright"] == 0.0


def test_darker_is_worse(scene: Floats) -> None:
    """The target rises with the stops that are missing."""
    photos = [(scene * 2.0**stops, stops) for stops in (0.0, -1.0, -2.0, -4.0)]
    dark = [
        defects._light_severity(isp.to_pixels(isp.to_encoded(light)), stops)["too_dark"]
        for light, stops in photos
    ]
    assert dark[0] == 0
    assert dark == sorted(dark)
    assert dark[-1] > 0.9


def test_noise_reduction_forgives_half(scene: Floats) -> None:
    """Reduced noise is still noise, but less of it."""
    noisy = defects._raise_noise(defects.sample_camera(dice(1)), dice(2))
    loud = defects._noise_severity(replace(noisy, shot=0.01, read=0.02, reduction=0.0), scene)
    calm = defects._noise_severity(replace(noisy, shot=0.01, read=0.02, reduction=99.0), scene)
    assert 0 < calm < loud


def test_moods_of_light_get_no_wrong_exposure(scene: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    """Night is meant: how dark it is counts a little, never as a fault."""
    monkeypatch.setattr(defects, "_HARD_NEGATIVE_SHARE", 1.0)
    monkeypatch.setattr(defects, "HARD_NEGATIVES", tuple(defects.LIGHTING_NEGATIVES))
    targets = np.stack([sample_defective_image(scene, dice(seed)).target for seed in range(20)])
    assert targets[:, DEFECTS.index("too_dark")].max() <= defects.INTENDED_SEVERITY
    assert targets[:, DEFECTS.index("too_bright")].max() <= defects.INTENDED_SEVERITY


def test_a_backlit_photo_is_dark_but_for_an_opening(scene: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of it loses the stops, a place keeps its light; all other photos lose them evenly."""
    monkeypatch.setattr(defects, "_BACKLIT_SHARE", 1.0)
    factor = defects._exposure_factor(scene, -3.0, backlit=True, rng=dice(4))
    assert factor.shape == (*scene.shape[:2], 1)
    assert np.median(factor) == pytest.approx(1 / 8, rel=0.1)
    assert factor.max() > 0.4
    assert (defects._exposure_factor(scene, -3.0, backlit=False, rng=dice(4)) == 1 / 8).all()


def test_a_resized_file_has_another_raster(scene: Floats) -> None:
    """Its size differs, and what it shows does not."""
    photo = isp.to_pixels(isp.to_encoded(scene))
    sizes = set()
    for seed in range(4):
        resized = defects._resave_resized(photo, dice(seed))
        sizes.add(resized.shape)
        assert resized.mean() == pytest.approx(photo.mean(), abs=3)
    assert len(sizes) > 1


def test_half_of_the_noise_has_grain(scene: Floats) -> None:
    """Fine and coarse noise, so that neither is missed."""
    grains = [defects._raise_noise(defects.sample_camera(dice(1)), dice(seed)).grain for seed in range(20)]
    assert 4 <= sum(grain == 0 for grain in grains) <= 16
    assert max(grains) <= 1.2


def test_some_photos_are_black_and_white(scene: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    """Grey to the last pixel, as no sensor's noise is; the others have colours."""

    def grey(seed: int) -> bool:
        return bool(np.ptp(add_defects(scene, [], dice(seed)).pixels, axis=2).max() == 0)

    assert 0 < sum(grey(seed) for seed in range(40)) < 15
    monkeypatch.setattr(defects, "_GREY_SHARE", 1.0)
    assert grey(0)
