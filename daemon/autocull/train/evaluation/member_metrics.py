"""From answers to figures: pure counting, member by member."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from autocull.measure.defects import LABELS as DEFECTS
from autocull.stats.calibration import calibration_error, reliability
from autocull.stats.metrics import Figures, binary_figures, class_figures, mean, two_sided
from autocull.train.data.label_vocabulary import CATEGORIES, pair_of
from autocull.train.evaluation.predictions import Answer

COMMON_CATEGORIES = ("people", "landscape", "architecture_city", "animals", "other")
"""The categories of which the sources at hand have enough photos to be judged."""

_MEANS = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc")


def figures_of(member: str, answers: Sequence[Answer]) -> Figures:
    """Count a member's answers.

    Returns n, accuracy, balanced_accuracy, precision, recall, f1, auc, confusion, per_label, cannot_tell,
    where the answer is a probability calibration_error, and what the member has of its own.
    """
    return {"cannot_tell": 0, **_COUNTS[member](answers)}


def _eyes(answers: Sequence[Answer]) -> Figures:
    """Closed is positive."""
    figures = two_sided(*_columns(answers, "closed"), ("closed", "open"))
    return figures | {"calibration_error": _calibration(answers, ("closed", "open"))}


def _blink(answers: Sequence[Answer]) -> Figures:
    """Closed is positive; a photo without an answer counts as not closed, `answered` holds the others'."""
    answered = [answer for answer in answers if answer.said & {"open", "closed"}]
    return {
        **two_sided(*_columns(answers, "closed"), ("closed", "open")),
        "answered": binary_figures(*_columns(answered, "closed")),
        "cannot_tell": _saying(answers, "cannot_tell"),
        "no_faces": _saying(answers, "no_faces"),
    }


def _blur(answers: Sequence[Answer]) -> Figures:
    """Blurred is positive, doubts among it; `rejected` holds the figures of those rejected for it."""
    truth, scores, _ = _columns(answers, "blurred")
    rejected = np.array(["rejected" in answer.aside for answer in answers], dtype=bool)
    return {
        **two_sided(*_columns(answers, "blurred"), ("blurred", "sharp")),
        "rejected": binary_figures(truth, scores, rejected),
        "cannot_tell": _saying(answers, "doubted"),
        "calibration_error": _calibration(answers, ("blurred", "sharp")),
    }


def _defects(answers: Sequence[Answer]) -> Figures:
    """Each defect that occurs: the photos that have it against those without any; overall, the means.

    `pairs` counts, where there are any, the pairs of one scene with and without the defect told apart.
    """
    per_label = {}
    for label in named_defects(answers):
        told = [answer for answer in answers if label in answer.truth or not answer.truth]
        per_label[label] = binary_figures(*_columns(told, label))
    overall = {name: mean([figures[name] for figures in per_label.values()]) for name in _MEANS}
    confusion = {label: figures["confusion"] for label, figures in per_label.items()}
    pairs = {label: count for label in per_label if (count := _told_apart(answers, label))["n"]}
    told_of = {"n": len(answers), **overall, "confusion": confusion, "per_label": per_label}
    return told_of | ({"pairs": pairs} if pairs else {})


def _told_apart(answers: Sequence[Answer], label: str) -> dict[str, int]:
    """Of the pairs with one good photo: n, and in how many the photo with the defect has the higher score."""
    scenes: dict[str, list[Answer]] = {}
    for answer in answers:
        if label in answer.truth or not answer.truth:
            scenes.setdefault(pair_of(answer.row), []).append(answer)
    pairs = [
        sorted(two, key=lambda answer: len(answer.truth))
        for scene, two in scenes.items()
        if scene and len(two) == 2 and two[0].truth != two[1].truth
    ]
    right = sum(bad.scores[label] > good.scores[label] for good, bad in pairs)
    return {"n": len(pairs), "right": right}


def named_defects(answers: Sequence[Answer]) -> list[str]:
    """List the defects that are true of any answer's photo."""
    return [label for label in (*DEFECTS, "blur") if any(label in answer.truth for answer in answers)]


def _category(answers: Sequence[Answer]) -> Figures:
    """The likeliest category.

    `common` is the mean F1 of the `COMMON_CATEGORIES`; `people_landscape` holds the figures of photos of
    those two, were there no other.
    """
    scores = np.array([[answer.scores[name] for name in CATEGORIES] for answer in answers])
    truth = [next(iter(answer.truth)) for answer in answers]
    figures = class_figures(truth, scores.reshape(-1, len(CATEGORIES)), CATEGORIES)
    two = [answer for answer in answers if answer.truth <= {"people", "landscape"}]
    people, ahead, _ = _columns(two, "people")
    ahead = ahead - _columns(two, "landscape")[1]
    return figures | {
        "calibration_error": _calibration(answers, CATEGORIES),
        "common": mean([figures["per_label"][name]["f1"] for name in COMMON_CATEGORIES]),
        "people_landscape": binary_figures(people, ahead, ahead > 0),
    }


_COUNTS: dict[str, Callable[[Sequence[Answer]], Figures]] = {
    "eyes": _eyes,
    "blink": _blink,
    "blur": _blur,
    "defects": _defects,
    "category": _category,
}


def _columns(
    answers: Sequence[Answer], label: str
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
    """Give what is true, the score and what was said of one label, an array each."""
    return (
        np.array([label in answer.truth for answer in answers], dtype=bool),
        np.array([answer.scores[label] for answer in answers], dtype=np.float64),
        np.array([label in answer.said for answer in answers], dtype=bool),
    )


def _saying(answers: Sequence[Answer], word: str) -> int:
    return sum(word in answer.said | answer.aside for answer in answers)


def _calibration(answers: Sequence[Answer], labels: Sequence[str]) -> float | None:
    """Give the expected calibration error of the likeliest label; None without answers."""
    if not answers:
        return None
    likeliest = [max(labels, key=answer.scores.__getitem__) for answer in answers]
    confidence = [answer.scores[label] for answer, label in zip(answers, likeliest, strict=True)]
    right = [float(label in answer.truth) for answer, label in zip(answers, likeliest, strict=True)]
    return calibration_error(reliability(np.array(confidence), np.array(right)))
