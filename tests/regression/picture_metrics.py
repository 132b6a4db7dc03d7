"""Metrics of the guard on the picture set: of each detector, and of the verdicts of the whole ensemble."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autocull.judge import Settings, judge
from autocull.measure.category import CategoryDetector
from autocull.measure.defects import DefectDetector
from autocull.measure.embedding import EmbeddingDetector, patches_of, vector_of
from autocull.measure.ensemble import Ensemble
from autocull.measure.evidence import Evidence
from autocull.measure.eyes import EyeDetector
from autocull.measure.faces import FaceDetector
from autocull.measure.focus import FocusDetector
from autocull.read.photo import Photo, Pixels
from autocull.stats.metrics import area_under_curve, binary_metrics
from regression.picture_set import PictureSet

Metrics = dict[str, float]
SETTINGS = Settings(focus_size_min=0)
"""The defaults, but for one: most of these pictures are shorter than 600 px, and not enlarged."""
REJECTING = ("eyes closed", "defocus", "motion_blur", "too_dark", "too_bright", "low_quality")
"""The faults that reject at default settings; noise and flare only raise a doubt."""


def eyes(models: Path, pictures: PictureSet) -> Metrics:
    """Compute how well drawn open and closed eyes are distinguished."""
    detector = EyeDetector(models)
    chances = detector.open_probability([*pictures.open_eyes, *pictures.closed_eyes])
    truth = np.arange(len(chances)) < len(pictures.open_eyes)
    correct = (chances >= SETTINGS.eyes_open) == truth
    return {"auc": _compute_auc(truth, chances), "accuracy": float(correct.mean())}


def focus(models: Path, pictures: PictureSet) -> Metrics:
    """Compute how well good pictures are distinguished from soft and moved ones, without faces."""
    detector = FocusDetector(models)

    def sharp(photos: Sequence[Pixels]) -> NDArray[np.float64]:
        return np.array([detector.measure(Photo.from_pixels(pixels), ()).sharp for pixels in photos])

    good_scores = sharp(_unmirrored(pictures))
    metrics = {}
    for fault in ("defocus", "motion_blur"):
        bad_scores = sharp(pictures.bad[fault])
        both = np.concatenate([good_scores, bad_scores])
        truth = np.arange(len(both)) < len(good_scores)
        binary = binary_metrics(truth, both, both > SETTINGS.focus_doubt)
        metrics[f"{fault} auc"] = binary.auc
        metrics[f"{fault} balanced accuracy"] = binary.balanced_accuracy
    return metrics


def defects(models: Path, pictures: PictureSet) -> Metrics:
    """Compute how well each fault is distinguished from good pictures, and the share of false alarms."""
    detector = DefectDetector(models)
    good_scores = [detector.measure(Photo.from_pixels(pixels)) for pixels in _unmirrored(pictures)]
    metrics = {}
    for fault, photos in pictures.bad.items():
        bad_scores = [detector.measure(Photo.from_pixels(pixels))[fault] for pixels in photos]
        scores = np.array([*bad_scores, *(each[fault] for each in good_scores)])
        metrics[f"{fault} auc"] = _compute_auc(np.arange(len(scores)) < len(bad_scores), scores)
    alarms = [max(each.values()) >= SETTINGS.quality_doubt for each in good_scores]
    return {**metrics, "false alarms": float(np.mean(alarms))}


def category(models: Path, pictures: PictureSet) -> Metrics:
    """Compute how often the pictures of a sure category get it, every category with equal weight."""
    faces, detector = FaceDetector(models), CategoryDetector(models)
    correct: dict[str, list[bool]] = {}
    for name, pixels in pictures.categories:
        photo = Photo.from_pixels(pixels)
        measured = detector.measure(photo, faces.measure(photo))
        correct.setdefault(name, []).append(max(measured, key=measured.__getitem__) == name)
    return {"balanced accuracy": float(np.mean([np.mean(each) for each in correct.values()]))}


def likeness(models: Path, pictures: PictureSet) -> Metrics:
    """Compute how well a picture is retrieved by its corrupted copies, and its patches by a shifted crop."""
    detector = EmbeddingDetector(models)
    good_scores = np.stack(
        [vector_of(detector.measure(Photo.from_pixels(pixels))) for pixels in _unmirrored(pictures)]
    )
    bad_scores = [
        np.stack([vector_of(detector.measure(Photo.from_pixels(pixels))) for pixels in photos])
        for photos in pictures.bad.values()
    ]
    similarity = np.stack([vectors @ good_scores.T for vectors in bad_scores]).astype(np.float64)
    same = np.broadcast_to(np.eye(len(good_scores), dtype=bool), similarity.shape)
    return {
        "auc": _compute_auc(same.reshape(-1), similarity.reshape(-1)),
        "recall at 1": float((similarity.argmax(2) == np.arange(len(good_scores))).mean()),
        "patches matched": float(
            np.mean([_matched_patches(detector, pixels) for pixels in _unmirrored(pictures)])
        ),
    }


def _matched_patches(detector: EmbeddingDetector, pixels: Pixels) -> float:
    """Return the share of patches matched at their position in a crop that is shifted right by a quarter."""
    width = pixels.shape[1]
    left, right = pixels[:, : 3 * width // 4], pixels[:, width // 4 :]
    left_positions, left_vectors = patches_of(detector.measure(Photo.from_pixels(left)))
    _, right_vectors = patches_of(detector.measure(Photo.from_pixels(right)))
    visible = left_positions[:, 0] > 1 / 3
    distances = np.abs(
        left_positions[(left_vectors @ right_vectors.T).argmax(1)] - (left_positions - [1 / 3, 0])
    ).max(1)
    return float((distances[visible] < 1.5 / np.sqrt(len(left_positions))).mean())


DETECTORS: dict[str, Callable[[Path, PictureSet], Metrics]] = {
    "eyes": eyes,
    "focus": focus,
    "defects": defects,
    "category": category,
    "likeness": likeness,
}
"""The function for the metrics of each detector, by the detector's name."""


def measure_all(models: Path, pictures: PictureSet) -> dict[str, list[Evidence]]:
    """Measure the whole set with the ensemble: the good pictures, and those of each fault."""
    ensemble = Ensemble(models)
    sets = {"good": pictures.good, "eyes closed": pictures.blinks, **pictures.bad}
    return {
        name: [ensemble.measure(Photo.from_pixels(pixels)) for pixels in photos]
        for name, photos in sets.items()
    }


def judge_all(measured: dict[str, list[Evidence]], settings: Settings) -> Metrics:
    """Compute the shares of good pictures rejected (harm) and kept, and of each fault's rejected."""
    answers = {name: [judge(each, settings).answer for each in photos] for name, photos in measured.items()}
    rejected = {name: each.count("reject") / len(each) for name, each in answers.items()}
    kept = {name: each.count("keep") / len(each) for name, each in answers.items()}
    return {
        "harm": rejected["good"],
        "good kept": kept["good"],
        **{f"{fault} rejected": rejected[fault] for fault in REJECTING},
    }


def _unmirrored(pictures: PictureSet) -> Sequence[Pixels]:
    """Return the good pictures without their mirror images."""
    return pictures.good[: len(pictures.good) // 2]


def _compute_auc(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    area = area_under_curve(truth, score)
    assert area is not None, "the set has both kinds"
    return area
