"""Tests of simulated defects: requested ones are added, and the target is their severity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from autocull.arrays import Floats
from autocull.train.synthesis import defects, isp
from autocull.train.synthesis.defects import DefectShares, add_defects, sample_defective_image
from autocull.vocabulary import DEFECTS


@pytest.fixture(scope="module")
def scene() -> Floats:
    """A good picture in linear light."""
    return isp.to_linear(data.astronaut()[:160:2, 120:340:2])


def make_rng(seed: int) -> np.random.Generator:
    """Make a seeded random generator."""
    return np.random.default_rng(seed)


def severities(scene: Floats, requested: list[str], seed: int) -> dict[str, float]:
    """Return the target of a photo with the requested defects, by label."""
    return dict(zip(DEFECTS, add_defects(scene, requested, make_rng(seed)).target.tolist(), strict=True))


@pytest.mark.parametrize("label", DEFECTS)
def test_requested_defect_is_severe_and_the_others_are_not(label: str, scene: Floats) -> None:
    """Over several captures the requested severity is high on average, every other one low in all."""
    targets = [severities(scene, [label], seed) for seed in range(8)]
    assert np.mean([target[label] for target in targets]) > 0.3
    for other in set(DEFECTS) - {label, "noise"}:  # noise depends on the light: a dark photo is noisier
        most = defects.INTENDED_SEVERITY if other.startswith("too_") else 0.05
        assert max(target[other] for target in targets) <= most, other


def test_good_photo_has_low_severities(scene: Floats) -> None:
    """A photo without requested defects has none; the noise of any camera stays mild."""
    for seed in range(8):
        target = severities(scene, [], seed)
        light = ("too_dark", "too_bright")
        assert sum(value for label, value in target.items() if label not in ("noise", *light)) < 0.05
        assert max(target[label] for label in light) <= defects.INTENDED_SEVERITY, (
            "an intended exposure is no defect"
        )
        assert target["noise"] < 0.5


def test_severities_are_between_0_and_1_and_vary(scene: Floats) -> None:
    """Good photos, mild defects and several defects at once all occur."""
    targets = np.stack([sample_defective_image(scene, make_rng(seed)).target for seed in range(40)])
    assert targets.shape == (40, len(DEFECTS))
    assert targets.dtype == np.float32
    assert targets.min() >= 0
    assert targets.max() <= 1
    assert (targets.max(axis=1) <= defects.INTENDED_SEVERITY).sum() >= 5, "good photos are among them"
    assert ((targets > 0.05) & (targets < 0.95)).sum() >= 6
    assert ((targets > 0.3).sum(axis=1) >= 2).any(), "several at once are among them"


def test_same_seed_gives_the_same_photo(scene: Floats) -> None:
    """The generator is the only source of chance."""
    first, repeated = sample_defective_image(scene, make_rng(5)), sample_defective_image(scene, make_rng(5))
    assert np.array_equal(first.pixels, repeated.pixels)
    assert np.array_equal(first.target, repeated.target)


def test_exposure_error_counts_only_where_it_is_visible() -> None:
    """A white picture two stops under is not too dark; a grey one is."""
    white = np.full((16, 16, 3), 190, np.uint8)
    grey = np.full((16, 16, 3), 60, np.uint8)
    assert defects.light_severity(white, -2.0)["too_dark"] == 0
    assert defects.light_severity(grey, -2.0)["too_dark"] > 0.5
    assert defects.light_severity(grey, 0.0) == {"too_dark": defects.INTENDED_SEVERITY, "too_bright": 0}
    assert defects.light_severity(np.full((16, 16, 3), 118, np.uint8), 0.0) == {
        "too_dark": 0,
        "too_bright": 0,
    }
    assert defects.light_severity(white, 2.0)["too_bright"] == 1.0


def test_burnt_out_highlights_are_too_bright_at_any_median() -> None:
    """A dark scene with a third of white is too bright if two stops over, and not if intended."""
    scene = np.full((18, 16, 3), 60, np.uint8)
    scene[:6] = 255
    assert defects.light_severity(scene, 2.0)["too_bright"] == 1.0
    assert defects.light_severity(scene, 0.0)["too_bright"] == 0.0
    scene[:6] = 240
    assert defects.light_severity(scene, 2.0)["too_bright"] == 0.0


def test_severity_rises_with_missing_light(scene: Floats) -> None:
    """The severity of "too_dark" rises with the stops of underexposure."""
    photos = [(scene * 2.0**stops, stops) for stops in (0.0, -1.0, -2.0, -4.0)]
    dark = [
        defects.light_severity(isp.to_pixels(isp.to_encoded(light)), stops)["too_dark"]
        for light, stops in photos
    ]
    assert dark[0] == 0
    assert dark == sorted(dark)
    assert dark[-1] > 0.9


def test_noise_reduction_lowers_the_severity(scene: Floats) -> None:
    """Noise that was reduced has a lower severity, but not 0."""
    noisy = defects.raise_noise(defects.sample_camera(make_rng(1)), make_rng(2))
    unreduced = defects.noise_severity(replace(noisy, shot=0.01, read=0.02, reduction=0.0), scene)
    reduced = defects.noise_severity(replace(noisy, shot=0.01, read=0.02, reduction=99.0), scene)
    assert 0 < reduced < unreduced


def test_lighting_negatives_get_no_exposure_defect(scene: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night scene gets at most the intended severity of a wrong exposure."""
    monkeypatch.setattr(defects, "HARD_NEGATIVES", tuple(defects.LIGHTING_NEGATIVES))
    shares = DefectShares(hard_negative=1.0)
    targets = np.stack([sample_defective_image(scene, make_rng(seed), shares).target for seed in range(20)])
    assert targets[:, DEFECTS.index("too_dark")].max() <= defects.INTENDED_SEVERITY
    assert targets[:, DEFECTS.index("too_bright")].max() <= defects.INTENDED_SEVERITY


def test_backlit_photo_keeps_a_bright_opening(scene: Floats) -> None:
    """Most of the photo is darkened and one region keeps its light; otherwise all is darkened."""
    factor = defects.exposure_factor(scene, -3.0, make_rng(4), backlit_share=1.0)
    assert factor.shape == (*scene.shape[:2], 1)
    assert np.median(factor) == pytest.approx(1 / 8, rel=0.1)
    assert factor.max() > 0.4
    assert (defects.exposure_factor(scene, -3.0, make_rng(4)) == 1 / 8).all()


def test_resized_photo_has_another_size(scene: Floats) -> None:
    """The size changes with the seed, and the mean level stays."""
    photo = isp.to_pixels(isp.to_encoded(scene))
    sizes = set()
    for seed in range(4):
        resized = defects.resave_resized(photo, make_rng(seed))
        sizes.add(resized.shape)
        assert resized.mean() == pytest.approx(photo.mean(), abs=3)
    assert len(sizes) > 1


def test_half_of_the_noise_is_grainy(scene: Floats) -> None:
    """Both fine and grainy noise occur."""
    grains = [
        defects.raise_noise(defects.sample_camera(make_rng(1)), make_rng(seed)).grain for seed in range(20)
    ]
    assert 4 <= sum(grain == 0 for grain in grains) <= 16
    assert max(grains) <= 1.2


def test_some_photos_are_black_and_white(scene: Floats) -> None:
    """They are grey in every pixel; the other photos have colours."""

    def is_grey(seed: int, shares: DefectShares) -> bool:
        return bool(np.ptp(add_defects(scene, [], make_rng(seed), shares).pixels, axis=2).max() == 0)

    assert 0 < sum(is_grey(seed, DefectShares()) for seed in range(40)) < 15
    assert is_grey(0, DefectShares(grey=1.0))
