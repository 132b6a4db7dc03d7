"""The answer for lens flare: a logistic on frozen features that leaves the other labels as they are."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.special import expit
from skimage import data

from autocull.measure import DefectDetector
from autocull.measure.models import models_root
from autocull.read.photo import Photo
from autocull.train.fitting import flare_head
from autocull.train.fitting.flare_head import add_disc, fit_soft_logistic, main, make_flare_samples
from autocull.train.synthesis import isp


def test_soft_logistic_follows_its_targets() -> None:
    """Severities between 0 and 1 are predicted, for any scale of the features."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(4000, 3)) * (1, 40, 0.1) + (0, 100, 0)
    targets = expit(1.5 * features[:, 0] - 0.05 * (features[:, 1] - 100))
    weights = fit_soft_logistic(features, targets)
    predicted = expit(weights[0] + features @ weights[1:])
    assert np.abs(predicted - targets).max() < 0.05
    assert abs(weights[3] * 0.1) < 0.02


def test_samples_have_the_severity_of_the_light_that_was_added() -> None:
    """The photo itself and burnt-out captures have none; discs and flares change the picture."""
    samples = list(make_flare_samples(data.coffee(), np.random.default_rng(1)))
    assert [sample.severity for sample in (samples[0], samples[-1], samples[-2])] == [0, 0, 0]
    assert np.array_equal(samples[0].pixels, data.coffee())
    assert samples[-1].pixels.mean() > data.coffee().mean() + 15
    for sample in samples[1:4]:
        assert 0 < sample.severity <= 1
        assert sample.pixels.mean() > data.coffee().mean()


@pytest.mark.parametrize("seed", range(8))
def test_a_disc_only_adds_light(seed: int) -> None:
    """Added or screened, a disc darkens nothing, and leaves a part of the picture as it is."""
    linear = isp.to_linear(data.coffee())
    change = add_disc(linear, np.random.default_rng(seed)) - isp.to_encoded(linear)
    assert change.min() > -1e-3
    assert change.max() > 0.1


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Make a dataset of two photos; the dev row cannot be read."""
    folder = tmp_path / "data" / "photos"
    folder.mkdir(parents=True)
    for name, pixels in (("a", data.astronaut()), ("b", data.coffee())):
        Image.fromarray(pixels).save(folder / f"{name}.png")
    rows = ["path,source,split", "a.png,made,train", "missing.png,made,dev", "b.png,made,train"]
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return tmp_path / "data"


# Keras 3 saves its variables through numpy's old protocol.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")
def test_only_flare_changes(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is written anew with its checksums; all other labels answer as before."""
    monkeypatch.setattr(flare_head, "EVERY", 1)
    folder = tmp_path / "models" / "defects"
    shutil.copytree(models_root() / "defects", folder, ignore=shutil.ignore_patterns("report"))
    main(photos, folder)
    photo = Photo.from_pixels(data.chelsea())
    before = DefectDetector(models_root()).measure(photo)
    after = DefectDetector(folder.parent).measure(photo)
    assert after["lens_flare"] != pytest.approx(before["lens_flare"], abs=1e-4)
    for label in before.keys() - {"lens_flare"}:
        assert after[label] == pytest.approx(before[label], abs=2e-3)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert config["light"] == json.loads((models_root() / "defects/config.json").read_text("utf-8"))["light"]
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
