"""What the guard measures of each member on the made set, and of all of them together: names and numbers."""

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
from regression.made import Made

Measures = dict[str, float]
SETTINGS = Settings()
REJECTING = ("eyes closed", "defocus", "motion_blur", "too_dark", "too_bright", "low_quality")
"""The made faults that reject at default settings; noise and flare raise no more than doubt."""


def eyes(models: Path, made: Made) -> Measures:
    """How well drawn eyes are told apart."""
    member = EyeDetector(models)
    opened = member.open_probability([*made.open_eyes, *made.closed_eyes])
    truth = np.arange(len(opened)) < len(made.open_eyes)
    right = (opened >= SETTINGS.eyes_open) == truth
    return {"auc": _curve(truth, opened), "accuracy": float(right.mean())}


def focus(models: Path, made: Made) -> Measures:
    """How well good pictures are told from soft and from moved ones, without faces."""
    member = FocusDetector(models)

    def sharp(pictures: Sequence[Pixels]) -> NDArray[np.float64]:
        return np.array([member.measure(Photo.from_pixels(pixels), ()).sharp for pixels in pictures])

    good = sharp(_plain(made))
    measures = {}
    for fault in ("defocus", "motion_blur"):
        bad = sharp(made.bad[fault])
        both = np.concatenate([good, bad])
        truth = np.arange(len(both)) < len(good)
        figures = binary_metrics(truth, both, both > SETTINGS.focus_doubt)
        measures[f"{fault} auc"] = figures["auc"]
        measures[f"{fault} balanced accuracy"] = figures["balanced_accuracy"]
    return measures


def defects(models: Path, made: Made) -> Measures:
    """How well each fault is told from the good pictures, and how often good ones are called faulty."""
    member = DefectDetector(models)
    good = [member.measure(Photo.from_pixels(pixels)) for pixels in _plain(made)]
    measures = {}
    for fault, pictures in made.bad.items():
        bad = [member.measure(Photo.from_pixels(pixels))[fault] for pixels in pictures]
        scores = np.array([*bad, *(each[fault] for each in good)])
        measures[f"{fault} auc"] = _curve(np.arange(len(scores)) < len(bad), scores)
    alarms = [max(each.values()) >= SETTINGS.quality_doubt for each in good]
    return {**measures, "false alarms": float(np.mean(alarms))}


def category(models: Path, made: Made) -> Measures:
    """How often the sure pictures get their category, each category alike."""
    faces, member = FaceDetector(models), CategoryDetector(models)
    right: dict[str, list[bool]] = {}
    for name, pixels in made.categories:
        photo = Photo.from_pixels(pixels)
        measured = member.measure(photo, faces.measure(photo))
        right.setdefault(name, []).append(max(measured, key=measured.__getitem__) == name)
    return {"balanced accuracy": float(np.mean([np.mean(each) for each in right.values()]))}


def likeness(models: Path, made: Made) -> Measures:
    """How surely a picture is known in each of its faults, and its places in two cuts of it."""
    member = EmbeddingDetector(models)
    good = np.stack([vector_of(member.measure(Photo.from_pixels(pixels))) for pixels in _plain(made)])
    bad = [
        np.stack([vector_of(member.measure(Photo.from_pixels(pixels))) for pixels in pictures])
        for pictures in made.bad.values()
    ]
    alike = np.stack([vectors @ good.T for vectors in bad]).astype(np.float64)
    same = np.broadcast_to(np.eye(len(good), dtype=bool), alike.shape)
    return {
        "auc": _curve(same.reshape(-1), alike.reshape(-1)),
        "known": float((alike.argmax(2) == np.arange(len(good))).mean()),
        "places": float(np.mean([_places_found(member, pixels) for pixels in _plain(made)])),
    }


def _places_found(member: EmbeddingDetector, pixels: Pixels) -> float:
    """The share of patches that are found where they are in a cut that lies a quarter to the right."""
    width = pixels.shape[1]
    left, right = pixels[:, : 3 * width // 4], pixels[:, width // 4 :]
    places, here = patches_of(member.measure(Photo.from_pixels(left)))
    _, there = patches_of(member.measure(Photo.from_pixels(right)))
    shown = places[:, 0] > 1 / 3
    apart = np.abs(places[(here @ there.T).argmax(1)] - (places - [1 / 3, 0])).max(1)
    return float((apart[shown] < 1.5 / np.sqrt(len(places))).mean())


MEMBERS: dict[str, Callable[[Path, Made], Measures]] = {
    "eyes": eyes,
    "focus": focus,
    "defects": defects,
    "category": category,
    "likeness": likeness,
}
"""The measures of each member, by its name."""


def evidence_of(models: Path, made: Made) -> dict[str, list[Evidence]]:
    """Measure the whole set with the ensemble: the good pictures, and those of each fault."""
    ensemble = Ensemble(models)
    sets = {"good": made.good, "eyes closed": made.blinks, **made.bad}
    return {
        name: [ensemble.measure(Photo.from_pixels(pixels)) for pixels in pictures]
        for name, pictures in sets.items()
    }


def whole(seen: dict[str, list[Evidence]], settings: Settings) -> Measures:
    """The harm: good pictures rejected; those kept; and what is rejected of each fault, all as shares."""
    answers = {name: [judge(each, settings).answer for each in pictures] for name, pictures in seen.items()}
    rejected = {name: each.count("reject") / len(each) for name, each in answers.items()}
    kept = {name: each.count("keep") / len(each) for name, each in answers.items()}
    return {
        "harm": rejected["good"],
        "good kept": kept["good"],
        **{f"{fault} rejected": rejected[fault] for fault in REJECTING},
    }


def _plain(made: Made) -> Sequence[Pixels]:
    """The good pictures without their mirror images."""
    return made.good[: len(made.good) // 2]


def _curve(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    area = area_under_curve(truth, score)
    assert area is not None, "the made set has both kinds"
    return area
