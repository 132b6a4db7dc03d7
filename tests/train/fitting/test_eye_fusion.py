"""Weights of the eyes network and the lids: a logistic, fitted on wide enough eyes of training rows."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.measure.eyes import fuse_opinions
from autocull.measure.models import models_root
from autocull.train.fitting.eye_fusion import (
    FOLDERS,
    LEAST_SIZE,
    FusionSample,
    collect_fusion_samples,
    fit_fusion,
    main,
)


def make_samples(count: int = 400) -> list[FusionSample]:
    """Make open and closed eyes, of which both numbers are unsure independently of each other."""
    rng = np.random.default_rng(0)
    return [
        FusionSample(
            is_open,
            float(np.clip(rng.normal(0.7 if is_open else 0.3, 0.25), 0.001, 0.999)),
            float(np.clip(rng.normal(0.28 if is_open else 0.16, 0.06), 0, 1)),
        )
        for is_open in (True, False)
        for _ in range(count)
    ]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Write one open and one "closed" face for training, one of another split, and one that is too small."""
    astronaut = Image.fromarray(np.asarray(data.astronaut()))
    sides = (("a", 1024, "train"), ("b", 1024, "dev"), ("c", 300, "train"))
    for name in FOLDERS:
        folder = tmp_path / "faces" / name
        folder.mkdir(parents=True)
        with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("path", "label", "split"))
            for photo, side, split in sides:
                astronaut.resize((side, side)).save(folder / f"{photo}.png")
                writer.writerow((f"{photo}.png", "open" if name == FOLDERS[1] else "closed", split))
    return tmp_path / "faces"


def test_two_numbers_err_less_than_one() -> None:
    """On eyes that were not fitted, the fused probability is right more often than the network's."""
    samples = make_samples()
    weights = fit_fusion(samples[::2])
    assert min(weights["network"], weights["lids"]) > 0
    rest = samples[1::2]
    fused = [fuse_opinions(each.network, each.lids, weights) for each in rest]
    right = [(probability >= 0.5) == each.is_open for probability, each in zip(fused, rest, strict=True)]
    alone = [(each.network >= 0.5) == each.is_open for each in rest]
    assert sum(right) > sum(alone) + 10


def test_open_and_closed_eyes_count_the_same() -> None:
    """Ten times as many closed eyes move the fused probability hardly."""
    samples = make_samples()
    many = samples + [each for each in samples if not each.is_open] * 9
    for network, lids in ((0.5, 0.22), (0.2, 0.3), (0.8, 0.15)):
        probabilities = [fuse_opinions(network, lids, fit_fusion(each)) for each in (samples, many)]
        assert probabilities[0] == pytest.approx(probabilities[1], abs=0.02)


def test_wide_eyes_of_training_rows_are_measured(dataset: Path) -> None:
    """Two eyes of one photo per folder: the other photos are of the dev split or too small."""
    samples = collect_fusion_samples(dataset, models_root())
    assert [each.is_open for each in samples] == [False, False, True, True]
    assert all(each.network > 0.5 and 0.15 < each.lids < 0.5 for each in samples)
    assert samples[:2] == [each._replace(is_open=False) for each in samples[2:]]


def test_main_writes_the_fusion_into_the_configuration(dataset: Path, tmp_path: Path) -> None:
    """Everything else in the configuration stays as it was; the model folder is valid afterwards."""
    root = tmp_path / "models"
    for name in ("eyes", "faces"):
        shutil.copytree(models_root() / name, root / name, ignore=shutil.ignore_patterns("report"))
    folder = root / "eyes"
    before = json.loads((folder / "config.json").read_text("utf-8"))
    main(dataset, folder)
    after = json.loads((folder / "config.json").read_text("utf-8"))
    assert set(after.pop("fusion")) == {"bias", "network", "lids", "least_size"}
    before.pop("fusion", None)
    assert after == before
    digest = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()
    assert f"{digest}  config.json" in (folder / "SHA256SUMS").read_text("utf-8")


def test_shipped_weights_are_those_of_wide_eyes() -> None:
    """Both numbers count for "open", from the width on at which the lids are trusted."""
    config = json.loads((models_root() / "eyes" / "config.json").read_text("utf-8"))
    assert config["fusion"]["least_size"] == LEAST_SIZE
    assert min(config["fusion"]["network"], config["fusion"]["lids"]) > 0
