"""The learned aim: features of a picture and where its photographer focused."""

from __future__ import annotations

import hashlib
import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.models import models_root
from autocull.train.fitting import focus_aim
from autocull.train.fitting.focus_aim import AimSample, collect_aim_samples, fit_aim, main


def random_sample(rng: np.random.Generator, channel: int, *, texture: float = 1.0) -> AimSample:
    """Make a photo that is sharp where one of four channels is high."""
    features = rng.normal(size=(3, 49, 4)).astype(np.float32)
    features[1:] = features[0]
    return AimSample(features, 5.0 + 2.0 * features[0, :, channel], np.full(49, texture))


def test_the_channel_that_shows_sharpness_gets_the_weight() -> None:
    """Only differences within a photo count, not how sharp it is as a whole."""
    rng = np.random.default_rng(0)
    weights = fit_aim([random_sample(rng, 2) for _ in range(600)])
    assert weights.dtype == np.float32
    assert weights.shape == (4,)
    assert weights.argmax() == 2
    assert np.abs(np.delete(weights, 2)).max() < 0.05 * weights[2]


def test_photos_without_texture_have_no_influence() -> None:
    """Where there is nothing to focus on, no tile can be sharp."""
    rng = np.random.default_rng(1)
    samples = [random_sample(rng, 0) for _ in range(200)]
    plain = [random_sample(rng, 3, texture=0.0) for _ in range(400)]
    weights = fit_aim([*samples, *plain])
    assert abs(weights[3]) < 0.1 * weights[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a data folder with three photos and one that is partly out of focus, and one `dev` photo each."""
    for name, count in (("photos", 3), ("more/blur/cuhk_partial", 1)):
        (tmp_path / name).mkdir(parents=True)
        lines = ["path,label,split,group,source"]
        for number in range(count + 1):
            picture = Image.fromarray(np.roll(data.astronaut()[:300, :400], 40 * number, axis=1))
            blurred = picture.filter(ImageFilter.GaussianBlur(5))
            blurred.paste(picture.crop((0, 0, 200, 300)))
            blurred.save(tmp_path / name / f"{number}.png")
            lines.append(f"{number}.png,good,{'dev' if number == count else 'train'},{name}{number},s")
        (tmp_path / name / "manifest.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def test_training_photos_are_measured_in_three_views(folder: Path) -> None:
    """Of each photo the features of three views, and the sharpness of its tiles: the left half is sharp."""
    samples = collect_aim_samples(folder, models_root(), photos=3)
    assert len(samples) == 4
    for sample in samples:
        assert sample.features.shape == (3, 49, 112 + 320)
        assert sample.log_odds.shape == sample.texture.shape == (49,)
        plain, mild, partial = sample.features
        assert not np.allclose(plain, mild)
        assert not np.allclose(plain, partial)
        sharp = sample.log_odds.reshape(7, 7)
        assert sharp[:, :3].mean() > sharp[:, 4:].mean() + 1


def test_main_writes_weights_and_valid_checksums(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other files of the model stay as they are."""
    models = folder / "models"
    shutil.copytree(models_root() / "focus", models / "focus")
    rng = np.random.default_rng(2)
    monkeypatch.setattr(
        focus_aim, "collect_aim_samples", lambda *_: [random_sample(rng, 1) for _ in range(50)]
    )
    network = (models / "focus/model.tflite").read_bytes()
    main(folder, models / "focus")
    content = (models / "focus/aim.npy").read_bytes()
    assert np.load(BytesIO(content)).argmax() == 1
    sums = (models / "focus/SHA256SUMS").read_text("utf-8")
    assert f"{hashlib.sha256(content).hexdigest()}  aim.npy" in sums
    assert (models / "focus/model.tflite").read_bytes() == network
