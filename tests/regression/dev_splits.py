"""Metrics of the guard on the dev splits of the shared photos, sampled by a fixed seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from autocull.judge import judge
from autocull.measure.embedding import EmbeddingDetector, vector_of
from autocull.measure.ensemble import Ensemble
from autocull.read.photo import Photo, Pixels
from autocull.stats.metrics import area_under_curve
from autocull.train.data.label_vocabulary import LABELS
from autocull.train.data.manifest import Row, read_manifest
from autocull.train.evaluation.detector_metrics import (
    blink_metrics,
    blur_metrics,
    compute_metrics,
)
from autocull.train.evaluation.evaluator import Evaluation
from autocull.train.evaluation.predictions import Prediction
from autocull.train.evaluation.subgroups import compare_groups
from regression.picture_metrics import SETTINGS, Metrics
from regression.picture_set import FAULTS

_FAULTS = ("defocus", "too_dark", "low_quality")
"""The faults for which most photos must be rejected; the effect of the others depends on the scene."""


def eyes(models: Path, data: Path) -> Metrics:
    """Compute the metrics of crops of people that were not trained on."""
    metrics = compute_metrics("eyes", _predict(models, "eyes", _rows(data / "eyes", "eyes"))).overall
    return {"accuracy": metrics.accuracy, "auc": metrics.auc}


def blink(models: Path, data: Path) -> Metrics:
    """Compute the metrics of portraits with closed and open eyes, and of the worst third by lightness."""
    rows = _rows(data / "portraits", "blink")
    closed = [row for row in rows if row.label != "open"]
    opened = _sample([row for row in rows if row.label == "open"], 60)
    predictions = _predict(models, "blink", [*closed, *opened])
    metrics = blink_metrics(predictions).overall
    thirds = compare_groups("blink", predictions, "lightness").groups.values()
    return {
        "auc": metrics.auc,
        "recall": metrics.recall,
        "precision": metrics.precision,
        "worst third right": min(third.shares["right where answered"].share for third in thirds),
    }


def blur(models: Path, data: Path) -> Metrics:
    """Compute the metrics of photos with real blur."""
    metrics = blur_metrics(_predict(models, "blur", _rows(data / "blur", "blur")))
    rejected = metrics.rejected.confusion
    return {
        "auc": metrics.overall.auc,
        "balanced accuracy": metrics.overall.balanced_accuracy,
        "sharp rejected": rejected.false_positive / rejected.negatives,
    }


def defects(models: Path, data: Path) -> Metrics:
    """Compute the metrics of photos that are really too bright or noisy, against a low-light set."""
    predictions = _predict(models, "defects", _rows(data / "defects", "defects"))
    per_label = compute_metrics("defects", predictions).overall.per_label
    return {f"{name} auc": per_label[name].auc for name in ("too_bright", "noise")}


def category(models: Path, data: Path) -> Metrics:
    """Compute the metrics of scenes by their subject."""
    predictions = _predict(models, "category", _sample(_rows(data / "scenes", "category"), 240))
    return {"accuracy": compute_metrics("category", predictions).overall.accuracy}


def likeness(models: Path, data: Path) -> Metrics:
    """Compute the metrics of pairs within real series against pairs of two series; none was trained on."""
    rows = read_manifest(data / "series" / "manifest.csv")
    detector = EmbeddingDetector(models)
    vectors = np.stack([vector_of(detector.measure(Photo.from_pixels(_picture(row.path)))) for row in rows])
    groups = np.array([row.group for row in rows])
    first, second = np.triu_indices(len(rows), 1)
    similarity = np.einsum("ij,ij->i", vectors[first], vectors[second]).astype(np.float64)
    area = area_under_curve(groups[first] == groups[second], similarity)
    assert area is not None, "the series have both kinds of pairs"
    return {"pairs auc": area}


def harm(models: Path, data: Path) -> Metrics:
    """Compute the rejected shares of good photos, of open-eyed portraits and of corrupted photos."""
    rows = [row for row in read_manifest(data / "photos" / "manifest.csv") if row.split == "dev"]
    pictures = [_picture(row.path) for row in _sample(rows, 80)]
    ensemble = Ensemble(models)

    def rejected_share(shoot: list[Pixels]) -> float:
        answers = [judge(ensemble.measure(Photo.from_pixels(pixels)), SETTINGS).answer for pixels in shoot]
        return answers.count("reject") / len(answers)

    portraits = [row for row in _rows(data / "portraits", "blink") if row.label == "open"]
    metrics = {
        "harm": rejected_share(pictures),
        "portraits' harm": rejected_share([_picture(row.path) for row in _sample(portraits, 80)]),
    }
    for fault in _FAULTS:
        corrupted = [np.asarray(FAULTS[fault](Image.fromarray(pixels))) for pixels in pictures[:25]]
        metrics[f"{fault} rejected"] = rejected_share(corrupted)
    return metrics


SETS: dict[str, Callable[[Path, Path], Metrics]] = {
    "eyes": eyes,
    "blink": blink,
    "blur": blur,
    "defects": defects,
    "category": category,
    "likeness": likeness,
    "harm": harm,
}
"""The function for the metrics of each set, by the set's name."""


def _predict(models: Path, detector: str, rows: list[Row]) -> list[Prediction]:
    evaluation = Evaluation(models, SETTINGS)
    predictions = evaluation.predict(detector, rows).predictions
    assert not evaluation.unreadable, evaluation.unreadable[:3]
    return predictions


def _rows(folder: Path, detector: str) -> list[Row]:
    """Read the rows that no network was trained on: the dev split, or all where there is no split."""
    rows = read_manifest(folder / "manifest.csv", labels=LABELS[detector])
    dev = [row for row in rows if row.split == "dev"]
    return dev or rows


def _sample(rows: list[Row], count: int) -> list[Row]:
    """Sample `count` rows, always the same."""
    return Random(5).sample(rows, count)


def _picture(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))
