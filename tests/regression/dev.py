"""What the guard measures on the dev splits of the photos beside the checkout: sampled by a fixed seed."""

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
from autocull.stats.metrics import Metrics, area_under_curve
from autocull.train.data.label_vocabulary import LABELS
from autocull.train.data.manifest import Row, read_manifest
from autocull.train.evaluation.evaluator import Evaluation
from autocull.train.evaluation.subgroups import compare_groups
from regression.made import FAULTS
from regression.measures import SETTINGS, Measures

_FAULTS = ("defocus", "too_dark", "low_quality")
"""The made faults that most photos must be rejected for: the others depend on the scene."""


def eyes(models: Path, data: Path) -> Measures:
    """Crops of people that were not trained on."""
    figures = _figures(models, "eyes", _rows(data / "eyes", "eyes"))
    return {"accuracy": figures["accuracy"], "auc": figures["auc"]}


def blink(models: Path, data: Path) -> Measures:
    """Portraits: all with closed eyes, some with open ones; and the worst third by the faces' lightness."""
    rows = _rows(data / "portraits", "blink")
    closed = [row for row in rows if row.label != "open"]
    opened = _sample([row for row in rows if row.label == "open"], 60)
    evaluation = Evaluation(models, SETTINGS)
    asked = evaluation.predict("blink", [*closed, *opened])
    figures = evaluation.summarise("blink", asked)
    thirds = compare_groups("blink", asked.predictions, "lightness")["groups"].values()
    return {
        "auc": figures["auc"],
        "recall": figures["recall"],
        "precision": figures["precision"],
        "worst third right": min(third["shares"]["right where answered"]["share"] for third in thirds),
    }


def blur(models: Path, data: Path) -> Measures:
    """Photos that are blurred by nature."""
    figures = _figures(models, "blur", _rows(data / "blur", "blur"))
    wrong = figures["rejected"]["confusion"]
    sharp = wrong["false_positive"] + wrong["true_negative"]
    return {
        "auc": figures["auc"],
        "balanced accuracy": figures["balanced_accuracy"],
        "sharp rejected": wrong["false_positive"] / sharp,
    }


def defects(models: Path, data: Path) -> Measures:
    """Photos that are too bright or noisy by nature, against a low-light set."""
    labels = _figures(models, "defects", _rows(data / "defects", "defects"))["per_label"]
    return {f"{name} auc": labels[name]["auc"] for name in ("too_bright", "noise")}


def category(models: Path, data: Path) -> Measures:
    """Scenes by their subject."""
    figures = _figures(models, "category", _sample(_rows(data / "scenes", "category"), 240))
    return {"accuracy": figures["accuracy"]}


def likeness(models: Path, data: Path) -> Measures:
    """Pairs of photos of real series against pairs of two: none was trained on."""
    rows = read_manifest(data / "series" / "manifest.csv")
    member = EmbeddingDetector(models)
    vectors = np.stack([vector_of(member.measure(Photo.from_pixels(_picture(row.path)))) for row in rows])
    groups = np.array([row.group for row in rows])
    first, second = np.triu_indices(len(rows), 1)
    alike = np.einsum("ij,ij->i", vectors[first], vectors[second]).astype(np.float64)
    area = area_under_curve(groups[first] == groups[second], alike)
    assert area is not None, "the series have both kinds of pairs"
    return {"pairs auc": area}


def harm(models: Path, data: Path) -> Measures:
    """Good photos and open-eyed portraits rejected; and the same photos made bad, which must be."""
    rows = [row for row in read_manifest(data / "photos" / "manifest.csv") if row.split == "dev"]
    pictures = [_picture(row.path) for row in _sample(rows, 80)]
    ensemble = Ensemble(models)

    def rejected(shoot: list[Pixels]) -> float:
        answers = [judge(ensemble.measure(Photo.from_pixels(pixels)), SETTINGS).answer for pixels in shoot]
        return answers.count("reject") / len(answers)

    portraits = [row for row in _rows(data / "portraits", "blink") if row.label == "open"]
    measures = {
        "harm": rejected(pictures),
        "portraits' harm": rejected([_picture(row.path) for row in _sample(portraits, 80)]),
    }
    for fault in _FAULTS:
        spoilt = [np.asarray(FAULTS[fault](Image.fromarray(pixels))) for pixels in pictures[:25]]
        measures[f"{fault} rejected"] = rejected(spoilt)
    return measures


SETS: dict[str, Callable[[Path, Path], Measures]] = {
    "eyes": eyes,
    "blink": blink,
    "blur": blur,
    "defects": defects,
    "category": category,
    "likeness": likeness,
    "harm": harm,
}
"""The measures of each set, by its name."""


def _figures(models: Path, member: str, rows: list[Row]) -> Metrics:
    figures = Evaluation(models, SETTINGS).run(member, rows)
    assert not figures["unreadable"], figures["unreadable"][:3]
    return figures


def _rows(folder: Path, member: str) -> list[Row]:
    """Read the rows that no network was trained on: the dev split, or all where there is no split."""
    rows = read_manifest(folder / "manifest.csv", labels=LABELS[member])
    dev = [row for row in rows if row.split == "dev"]
    return dev or rows


def _sample(rows: list[Row], count: int) -> list[Row]:
    """Draw so many rows, always the same."""
    return Random(5).sample(rows, count)


def _picture(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))
