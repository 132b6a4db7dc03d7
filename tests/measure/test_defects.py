"""Defects: what the network is shown of a photo, and the probability per label that comes back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from autocull.measure import defects
from autocull.measure.artifact_features import block_features, grain_features, smear_features
from autocull.measure.defects import (
    PREPROCESSING,
    DefectDetector,
    count_features,
    exposure_features,
    extract_features,
    extract_inputs,
    light_features,
    prepare,
)
from autocull.measure.exposure import measure_exposure
from autocull.measure.models import Model, models_root
from autocull.read.photo import Photo, Pixels
from autocull.vocabulary import DEFECTS


def plain(height: int, width: int, level: int = 120) -> Pixels:
    """A picture with nothing in it."""
    return np.full((height, width, 3), level, np.uint8)


def test_what_is_looked_at_has_the_promised_shapes() -> None:
    """Every photo, small or large, upright or level, gives the same shapes."""
    for shape in ((400, 600), (600, 400), (60, 80), (1300, 2000)):
        numbers, patches, view = extract_inputs(
            Photo.from_pixels(np.asarray(Image.fromarray(data.astronaut()).resize(shape)))
        )
        assert view.shape == (144, 144, 3)
        assert patches.shape == (5, 96, 96, 3)
        assert numbers.shape == (87,)
        assert view.dtype == patches.dtype == np.uint8
        assert numbers.dtype == np.float32


def test_inputs_are_centred_and_patches_are_a_strip() -> None:
    """Black is -1, white is 1; the patches lie below each other in their order."""
    patches = np.stack([plain(96, 96, level) for level in (0, 50, 100, 150, 255)])
    numbers, strip, view = prepare(np.zeros(87, np.float32), patches, plain(144, 144, 255))
    assert strip.shape == (480, 96, 3)
    assert strip[0, 0, 0] == -1
    assert strip[-1, 0, 0] == pytest.approx(1)
    assert np.all(np.diff(strip[::96, 0, 0]) > 0)
    assert view.max() == pytest.approx(1)
    assert (numbers == 0).all()


def test_patches_are_the_richest_and_the_plainest() -> None:
    """Blur shows where there is much, noise where there is nothing: both are looked at."""
    picture = plain(600, 900)
    blocks = np.random.default_rng(0).integers(0, 255, (150, 75, 3)).astype(np.uint8)
    picture[:, :300] = blocks.repeat(4, 0).repeat(4, 1)
    _, patches, _ = extract_inputs(Photo.from_pixels(picture))
    spread = patches.astype(float).std((1, 2, 3))
    assert (spread[:3] > 20).all()
    assert (spread[3:] == 0).all()


def test_a_tiny_photo_is_looked_at_several_times() -> None:
    """With fewer tiles than patches, tiles come again."""
    _, patches, _ = extract_inputs(Photo.from_pixels(data.astronaut()[:90, :90]))
    assert all(np.array_equal(patch, patches[0]) for patch in patches)


def test_the_light_tells_its_distribution() -> None:
    """An even ramp is 0 in every step, a black photo high at the dark end only; nothing is infinite."""
    ramp = np.arange(256, dtype=np.uint8)[None, :, None].repeat(20, 0).repeat(3, 2)
    assert light_features(ramp, 32)[:32] == pytest.approx(0, abs=1e-6)
    black = light_features(plain(30, 30, 0), 32)
    assert black[0] > 0.8
    assert (black[1:32] == -1).all()
    assert black[32] > 0.8
    assert black[33] == -1
    assert np.isfinite(black).all()


def test_the_exposure_is_told_in_five_numbers() -> None:
    """Between -1 and 1: black and white are far apart, and small clipped shares already show."""
    black = exposure_features(measure_exposure(Photo.from_pixels(plain(30, 30, 0))))
    white = exposure_features(measure_exposure(Photo.from_pixels(plain(30, 30, 255))))
    assert black.tolist() == [-1, -1, -1, 1, -1]
    assert white.tolist() == [1, 1, 1, -1, 1]
    speck = plain(100, 100)
    speck[:10, :10] = 255
    assert exposure_features(measure_exposure(Photo.from_pixels(speck)))[4] == pytest.approx(-0.8)


def test_the_numbers_stand_in_the_order_of_training() -> None:
    """Light, exposure, smear, grain, blocks; as many as the network is told that there are."""
    photo, picture = Photo.from_pixels(data.astronaut()), data.astronaut()
    tiles, patches = picture[None, 96:192, 96:192], picture[None, :96, :96]
    numbers = extract_features(photo, tiles, patches, PREPROCESSING)
    parts = (
        light_features(picture, 32),
        exposure_features(measure_exposure(photo)),
        smear_features(tiles),
        grain_features(tiles),
        block_features(patches, 8),
    )
    assert np.array_equal(numbers, np.concatenate(parts))
    assert len(numbers) == count_features(PREPROCESSING) == 87
    assert np.isfinite(numbers).all()
    assert np.abs(numbers).max() < 2


class Fixed:
    """A network that answers the mean of each input, so that a mix-up of inputs shows."""

    def __call__(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Answer (1, 7)."""
        numbers, strip, view = inputs
        assert numbers.shape == (1, 87)
        assert strip.shape == (1, 480, 96, 3)
        assert view.shape == (1, 144, 144, 3)
        return [np.array([[strip.mean(), view.mean(), numbers[:, :34].max(), 0, 0, 0, 1]], np.float32)]


def test_answers_carry_the_classes_of_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names come from the configuration, in its order; values are plain numbers."""
    (tmp_path / "defects").mkdir()
    classes = list(reversed(DEFECTS))
    config = {"name": "defects", "version": "3", "classes": classes, "preprocessing": PREPROCESSING}
    (tmp_path / "defects" / "config.json").write_text(json.dumps(config), "utf-8")
    monkeypatch.setattr(Model, "network", lambda model: Fixed())
    member = DefectDetector(tmp_path)
    answer = member.measure(Photo.from_pixels(plain(300, 400, 255)))
    assert list(answer) == classes
    assert answer["noise"] == pytest.approx(1)
    assert answer["too_dark"] == 1
    assert member.version == "3"

    json.dumps(answer)


@pytest.fixture(scope="module")
def trained() -> DefectDetector:
    """The member that ships."""
    return DefectDetector(models_root())


def said(member: DefectDetector, pixels: Pixels) -> dict[str, float]:
    """What the member says of a picture."""
    return member.measure(Photo.from_pixels(pixels))


def exposed(stops: float) -> Pixels:
    """The astronaut, by so many stops lighter."""
    linear = (data.astronaut() / 255.0) ** 2.2 * 2.0**stops
    return (np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)


def test_trained_answers_are_probabilities_of_the_labels(trained: DefectDetector) -> None:
    """The shipped model speaks of exactly the seven labels, each between 0 and 1."""
    answer = said(trained, data.astronaut())
    assert tuple(answer) == DEFECTS
    assert all(0 <= value <= 1 for value in answer.values())


def test_trained_hears_wrong_light(trained: DefectDetector) -> None:
    """More stops off, more probability; the right exposure has little of either."""
    dark = [said(trained, exposed(stops))["too_dark"] for stops in (0, -2, -4)]
    bright = [said(trained, exposed(stops))["too_bright"] for stops in (0, 1.5, 3)]
    assert dark == sorted(dark)
    assert bright == sorted(bright)
    assert dark[0] < 0.3
    assert bright[0] < 0.3
    assert dark[-1] > 0.6
    assert bright[-1] > 0.6


def test_trained_sees_noise_and_jpeg_loss(trained: DefectDetector, tmp_path: Path) -> None:
    """Strong noise and a very small file are found; the picture itself has neither."""
    picture = data.astronaut()
    noise = np.random.default_rng(0).normal(0, 35, picture.shape)
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "small.jpg", quality=6)
    small = np.asarray(Image.open(tmp_path / "small.jpg"))
    before = said(trained, picture)
    assert said(trained, noisy)["noise"] > before["noise"] + 0.3
    assert said(trained, small)["low_quality"] > before["low_quality"] + 0.3


def test_every_tile_is_used_once_before_any_is_used_twice() -> None:
    """With enough tiles the rich and the plain ones are different ones."""
    picked = defects.pick_tiles(np.linspace(0, 1, 12).astype(np.float32), 3, 2)
    assert picked == [11, 10, 9, 0, 1]
