"""The defect detector: its inputs, and the probability of each defect."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from autocull.measure import defects
from autocull.measure.artifact_features import block_features, grain_features, smear_features
from autocull.measure.defects import (
    DEFECT_PREPROCESSING,
    DefectDetector,
    count_features,
    count_light,
    exposure_features,
    extract_features,
    extract_inputs,
    light_features,
    prepare_defect_inputs,
    weigh_light,
    weigh_subject,
)
from autocull.measure.evidence import Exposure, SubjectLight
from autocull.measure.exposure import measure_exposure
from autocull.measure.models import Model, models_root
from autocull.read.photo import Photo, Pixels
from autocull.vocabulary import DEFECTS


def uniform(height: int, width: int, level: int = 120) -> Pixels:
    """Make a uniform picture."""
    return np.full((height, width, 3), level, np.uint8)


def test_inputs_have_fixed_shapes() -> None:
    """Every photo, small or large, portrait or landscape, gives the same shapes."""
    for shape in ((400, 600), (600, 400), (60, 80), (1300, 2000)):
        features, patches, view = extract_inputs(
            Photo.from_pixels(np.asarray(Image.fromarray(data.astronaut()).resize(shape)))
        )
        assert view.shape == (144, 144, 3)
        assert patches.shape == (5, 96, 96, 3)
        assert features.shape == (87,)
        assert view.dtype == patches.dtype == np.uint8
        assert features.dtype == np.float32


def test_inputs_are_centred_and_patches_are_a_strip() -> None:
    """Black is -1, white is 1; the patches are stacked below each other in their order."""
    patches = np.stack([uniform(96, 96, level) for level in (0, 50, 100, 150, 255)])
    features, strip, view = prepare_defect_inputs(np.zeros(87, np.float32), patches, uniform(144, 144, 255))
    assert strip.shape == (480, 96, 3)
    assert strip[0, 0, 0] == -1
    assert strip[-1, 0, 0] == pytest.approx(1)
    assert np.all(np.diff(strip[::96, 0, 0]) > 0)
    assert view.max() == pytest.approx(1)
    assert (features == 0).all()


def test_patches_have_the_most_and_the_least_texture() -> None:
    """Blur shows in textured patches, noise in uniform ones."""
    picture = uniform(600, 900)
    blocks = np.random.default_rng(0).integers(0, 255, (150, 75, 3)).astype(np.uint8)
    picture[:, :300] = blocks.repeat(4, 0).repeat(4, 1)
    _, patches, _ = extract_inputs(Photo.from_pixels(picture))
    spread = patches.astype(float).std((1, 2, 3))
    assert (spread[:3] > 20).all()
    assert (spread[3:] == 0).all()


def test_tiles_of_a_tiny_photo_are_repeated() -> None:
    """With fewer tiles than patches, tiles are used several times."""
    _, patches, _ = extract_inputs(Photo.from_pixels(data.astronaut()[:90, :90]))
    assert all(np.array_equal(patch, patches[0]) for patch in patches)


def test_light_features_describe_the_histogram() -> None:
    """A ramp is 0 in every bin, a black photo high at the dark end only; all values are finite."""
    ramp = np.arange(256, dtype=np.uint8)[None, :, None].repeat(20, 0).repeat(3, 2)
    assert light_features(ramp, 32)[:32] == pytest.approx(0, abs=1e-6)
    black = light_features(uniform(30, 30, 0), 32)
    assert black[0] > 0.8
    assert (black[1:32] == -1).all()
    assert black[32] > 0.8
    assert black[33] == -1
    assert np.isfinite(black).all()


def test_exposure_features() -> None:
    """Between -1 and 1: black and white are far apart, and small clipped shares are visible."""
    black = exposure_features(measure_exposure(Photo.from_pixels(uniform(30, 30, 0))))
    white = exposure_features(measure_exposure(Photo.from_pixels(uniform(30, 30, 255))))
    assert black.tolist() == [-1, -1, -1, 1, -1]
    assert white.tolist() == [1, 1, 1, -1, 1]
    speck = uniform(100, 100)
    speck[:10, :10] = 255
    assert exposure_features(measure_exposure(Photo.from_pixels(speck)))[4] == pytest.approx(-0.8)


def test_features_have_the_order_of_training() -> None:
    """Light, exposure, smear, grain, blocks; their number is that of the network's input."""
    photo, picture = Photo.from_pixels(data.astronaut()), data.astronaut()
    tiles, patches = picture[None, 96:192, 96:192], picture[None, :96, :96]
    features = extract_features(photo, tiles, patches, DEFECT_PREPROCESSING)
    parts = (
        light_features(picture, 32),
        exposure_features(measure_exposure(photo)),
        smear_features(tiles),
        grain_features(tiles),
        block_features(patches, 8),
    )
    assert np.array_equal(features, np.concatenate(parts))
    assert len(features) == count_features(DEFECT_PREPROCESSING) == 87
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 2


class MeanNetwork:
    """A network that returns the mean of each input, so that swapped inputs are noticed."""

    def __call__(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return (1, 7) values."""
        features, strip, view = inputs
        assert features.shape == (1, 87)
        assert strip.shape == (1, 480, 96, 3)
        assert view.shape == (1, 144, 144, 3)
        return [np.array([[strip.mean(), view.mean(), features[:, :34].max(), 0, 0, 0, 1]], np.float32)]


def test_results_have_the_classes_of_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names come from the configuration, in its order; values are plain numbers."""
    (tmp_path / "defects").mkdir()
    classes = list(reversed(DEFECTS))
    config = {"name": "defects", "version": "3", "classes": classes, "preprocessing": DEFECT_PREPROCESSING}
    (tmp_path / "defects" / "config.json").write_text(json.dumps(config), "utf-8")
    monkeypatch.setattr(Model, "network", lambda model: MeanNetwork())
    detector = DefectDetector(tmp_path)
    probabilities = detector.measure(Photo.from_pixels(uniform(300, 400, 255)))
    assert list(probabilities) == classes
    assert probabilities["noise"] == pytest.approx(1)
    assert probabilities["too_dark"] == 1
    assert detector.version == "3"

    json.dumps(probabilities)


LIGHT = {"too_dark": {"bias": 2.0, "network": 0.5, "mean": -20.0}}
"""Weights of counted light: the darker, the likelier."""


def test_counted_light_is_weighed_with_the_network() -> None:
    """Of the same answer of the network the darker photo is likelier too dark; other labels stay."""
    black, dim, day = (Photo.from_pixels(uniform(60, 90, level)) for level in (5, 30, 120))
    chances = [weigh_light(photo, {"too_dark": 0.5, "noise": 0.3}, LIGHT) for photo in (black, dim, day)]
    assert [each.keys() for each in chances] == [{"too_dark"}] * 3
    assert chances[0]["too_dark"] > 0.8 > chances[1]["too_dark"] > 0.2 > chances[2]["too_dark"]
    assert weigh_light(dim, {"too_dark": 0.9}, LIGHT)["too_dark"] > chances[1]["too_dark"]
    assert weigh_light(dim, {"too_dark": 0.9}, {}) == {}


def test_counted_light_is_finite_for_a_certain_network() -> None:
    """Probabilities of 0 and 1 have a bounded weight; white pixels count by the root of their share."""
    photo = Photo.from_pixels(uniform(30, 30, 255))
    assert count_light(photo, 1.0)["network"] == -count_light(photo, 0.0)["network"] == 6
    assert count_light(photo, 0.5) == pytest.approx({"network": 0, "mean": 1, "low": 1, "white": 1}, abs=1e-9)


def test_detector_weighs_light_by_its_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model without weights returns what the network predicts."""
    monkeypatch.setattr(Model, "network", lambda model: MeanNetwork())
    photo, results = Photo.from_pixels(uniform(300, 400, 255)), []
    for name, extra in (("plain", {}), ("weighed", {"light": LIGHT})):
        (tmp_path / name / "defects").mkdir(parents=True)
        config = {
            "name": "defects",
            "version": "3",
            "classes": DEFECTS,
            "preprocessing": DEFECT_PREPROCESSING,
        }
        (tmp_path / name / "defects" / "config.json").write_text(json.dumps(config | extra), "utf-8")
        results.append(DefectDetector(tmp_path / name).measure(photo))
    plain, weighed = results
    assert weighed["too_dark"] < plain["too_dark"]
    assert weighed | {"too_dark": 0} == plain | {"too_dark": 0}


def subject_light(median: float, high: float = 0.0, white: float = 0.0, *, face: bool = True) -> Exposure:
    """Make the exposure of a bright picture whose subject has this light."""
    subject = SubjectLight(median, max(median, high), white, face)
    return Exposure(0.7, 0.1, 1.0, 0.0, 0.3, subject=subject)


BRIGHT = {"too_dark": 0.0, "too_bright": 0.95}


def test_a_well_lit_face_in_front_of_white_is_not_too_bright() -> None:
    """The face decides: lit it spares the picture, pale or burnt out it does not."""
    chances = [
        weigh_subject(BRIGHT, light)["too_bright"]
        for light in (subject_light(0.5), subject_light(0.95), subject_light(0.6, white=0.3))
    ]
    assert chances[0] < 0.01
    assert min(chances[1:]) > 0.9
    assert weigh_subject(BRIGHT, Exposure(0.7, 0.1, 1.0, 0.0, 0.3)) == {}


def test_a_dark_region_in_a_bright_picture_is_not_too_bright() -> None:
    """Without a face the region that counts must be pale; darkness is not its matter."""
    spared, pale = (weigh_subject(BRIGHT, subject_light(median, face=False)) for median in (0.3, 0.8))
    assert spared.keys() == {"too_bright"}
    assert spared["too_bright"] < 0.01
    assert pale["too_bright"] > 0.9


def test_a_black_face_in_front_of_a_window_is_too_dark() -> None:
    """Not one that is lit, however dark its skin is: its brightest parts show that."""
    black, dark_skin = subject_light(0.06, 0.1), subject_light(0.15, 0.28)
    assert weigh_subject(BRIGHT, black)["too_dark"] > 0.9
    assert weigh_subject(BRIGHT, dark_skin)["too_dark"] < 0.01
    in_the_dark = replace(black, high=0.3)
    assert weigh_subject(BRIGHT, in_the_dark)["too_dark"] < 0.01


def test_a_lit_face_in_a_dark_picture_is_not_too_dark() -> None:
    """A low-key portrait is kept; a face in the dark leaves the picture's own probability."""
    dark = {"too_dark": 0.9, "too_bright": 0.0}
    low_key, unlit = (
        weigh_subject(dark, replace(subject_light(median), high=0.4))["too_dark"] for median in (0.5, 0.1)
    )
    assert low_key < 0.05
    assert unlit > 0.85


@pytest.fixture(scope="module")
def trained() -> DefectDetector:
    """Return the detector with the shipped weights."""
    return DefectDetector(models_root())


def measured(detector: DefectDetector, pixels: Pixels) -> dict[str, float]:
    """Return the probabilities of a picture."""
    return detector.measure(Photo.from_pixels(pixels))


def exposed(stops: float) -> Pixels:
    """Return the astronaut exposed by so many EV more."""
    linear = (data.astronaut() / 255.0) ** 2.2 * 2.0**stops
    return (np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)


def test_trained_results_are_probabilities_of_the_defects(trained: DefectDetector) -> None:
    """The shipped model has exactly the seven defects, each between 0 and 1."""
    probabilities = measured(trained, data.astronaut())
    assert tuple(probabilities) == DEFECTS
    assert all(0 <= value <= 1 for value in probabilities.values())


def test_trained_detects_wrong_exposure(trained: DefectDetector) -> None:
    """The probability rises with the exposure error; the right exposure has low ones."""
    dark = [measured(trained, exposed(stops))["too_dark"] for stops in (0, -2, -4)]
    bright = [measured(trained, exposed(stops))["too_bright"] for stops in (0, 1.5, 3)]
    assert dark == sorted(dark)
    assert bright == sorted(bright)
    assert dark[0] < 0.3
    assert bright[0] < 0.3
    assert dark[-1] > 0.6
    assert bright[-1] > 0.6


def test_trained_detects_noise_and_jpeg_artifacts(trained: DefectDetector, tmp_path: Path) -> None:
    """Strong noise and strong compression are detected; the original has neither."""
    picture = data.astronaut()
    noise = np.random.default_rng(0).normal(0, 35, picture.shape)
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "small.jpg", quality=6)
    small = np.asarray(Image.open(tmp_path / "small.jpg"))
    before = measured(trained, picture)
    assert measured(trained, noisy)["noise"] > before["noise"] + 0.3
    assert measured(trained, small)["low_quality"] > before["low_quality"] + 0.3


def test_tiles_are_repeated_only_if_there_are_too_few() -> None:
    """With enough tiles, those with the most and the least texture are different ones."""
    picked = defects.pick_tiles(np.linspace(0, 1, 12).astype(np.float32), 3, 2)
    assert picked == [11, 10, 9, 0, 1]
