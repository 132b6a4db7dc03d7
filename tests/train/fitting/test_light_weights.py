"""Weights of counted light: a logistic with few numbers, fitted on samples of all sources alike."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.measure.models import models_root
from autocull.train.fitting import light_weights
from autocull.train.fitting.light_weights import (
    GOOD,
    INPUTS,
    LightSample,
    collect_samples,
    fit_light_weights,
    fit_logistic,
    main,
)


def test_logistic_recovers_the_weights_of_its_data() -> None:
    """Bias and slopes are those that made the answers, for any scale of the inputs."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(6000, 2)) * (1, 50) + (0, 300)
    chances = 1 / (1 + np.exp(-(2 + 1.5 * inputs[:, 0] - 0.01 * inputs[:, 1])))
    targets = (rng.random(6000) < chances).astype(float)
    assert fit_logistic(inputs, targets, np.ones(6000), 1e-3) == pytest.approx([2, 1.5, -0.01], rel=0.15)


def test_penalty_keeps_weights_of_separable_data_finite() -> None:
    """Dark and bright photos that never overlap do not give an infinite slope."""
    inputs = np.array([[0.0], [0.1], [0.9], [1.0]])
    weights = fit_logistic(inputs, np.array([0.0, 0.0, 1.0, 1.0]), np.ones(4), 0.3)
    assert np.isfinite(weights).all()
    assert 0 < weights[1] < 20


def light_sample(source: str, label: str, mean: float) -> LightSample:
    """Make a sample whose light depends on its mean luma alone."""
    light = {"network": 0.0, "mean": mean, "white": float(mean > 0.8), "low": mean / 2}
    return LightSample(source, label, dict.fromkeys(INPUTS, light))


def fit_too_dark(samples: list[LightSample]) -> dict[str, float]:
    """Return the weights of too dark."""
    return fit_light_weights(samples)["too_dark"]


def test_sources_count_the_same_whatever_their_number() -> None:
    """A hundred copies of a source do not outweigh the other one."""
    few = [
        *(light_sample(source, "good", mean) for source, mean in (("one", 0.3), ("two", 0.6))),
        *(light_sample("one", label, mean) for label, mean in (("too_dark", 0.1), ("too_bright", 0.9))),
    ]
    many = [*few, *(light_sample("two", "good", 0.6) for _ in range(100))]
    limits = [-weights["bias"] / weights["mean"] for weights in map(fit_too_dark, (few, many))]
    assert limits[1] == pytest.approx(limits[0], abs=0.1)
    assert fit_light_weights(few)["too_dark"]["mean"] < 0 < fit_light_weights(few)["too_bright"]["white"]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Make a dataset of scikit-image's pictures; the dev row cannot be read."""
    pictures = {
        "good": data.astronaut(),
        "too_dark": data.astronaut() // 20,
        "too_bright": data.coffee() | 224,
    }
    labels = {"more/series/bracket": "", "photos": "", "scenes": "people"}
    labels |= {folder: labels_used[0] for folder, labels_used in GOOD.items()}
    for folder, good_label in labels.items():
        (tmp_path / folder).mkdir(parents=True)
        lines = ["path,label,split,source", "missing.jpg,good,dev,missing"]
        for name, pixels in pictures.items():
            if name == "good" or folder.endswith("bracket"):
                Image.fromarray(pixels).save(tmp_path / folder / f"{name}.png")
                label = good_label or name
                lines.append(f"{name}.png,{label},train,{folder.rsplit('/')[-1]}")
        (tmp_path / folder / "manifest.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def test_training_rows_and_made_faults_are_measured(dataset: Path) -> None:
    """Each source has its samples, faults and intended light are made of photos, dev rows are not read."""
    samples = collect_samples(dataset, models_root(), synthetic=1)
    labels = {(sample.source, sample.label) for sample in samples}
    assert {("bracket", label) for label in ("good", "too_dark", "too_bright")} <= labels
    assert {(source, "good") for source in ("lowkey_fuji", "realblur", "photos", "scenes", "made")} <= labels
    assert all(set(sample.light["too_dark"]) == {"network", "mean", "white", "low"} for sample in samples)


def test_main_writes_the_weights_into_the_configuration(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything else in the configuration stays as it was; the model folder is valid afterwards."""
    folder = tmp_path / "models" / "defects"
    shutil.copytree(models_root() / "defects", folder, ignore=shutil.ignore_patterns("*.keras", "report"))
    before = json.loads((folder / "config.json").read_text("utf-8"))
    monkeypatch.setattr(
        light_weights,
        "collect_samples",
        lambda data, models: collect_samples(data, models, synthetic=1),
    )
    main(dataset, folder)
    after = json.loads((folder / "config.json").read_text("utf-8"))
    assert set(after.pop("light")) == set(INPUTS)
    before.pop("light", None)
    assert after == before
    digest = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()
    assert f"{digest}  config.json" in (folder / "SHA256SUMS").read_text("utf-8")
