"""How good the members are on pictures whose truth is known: measured and judged as the product does it.

Nothing here is tuned: every limit is that of the settings, and is given back beside the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autocull.errors import PhotoError
from autocull.judge import Settings, judge
from autocull.judge.verdict import Verdict
from autocull.measure.category import CategoryMember
from autocull.measure.defects import LABELS as DEFECTS
from autocull.measure.defects import DefectsMember
from autocull.measure.ensemble import Ensemble, standard_members
from autocull.measure.evidence import Evidence
from autocull.measure.eyes import EyesMember
from autocull.measure.faces import FacesMember
from autocull.measure.member import Member
from autocull.read import read_photo
from autocull.read.arena import Arena
from autocull.read.photo import Photo
from autocull.train.manifest import Row, split_labels
from autocull.train.metrics import Figures, binary_figures, class_figures, mean, two_sided
from autocull.train.pictures import read_picture

BLUR_LABELS = ("sharp", "blurred", "motion", "defocus", "motion_blur")
BLUR_CODES = ("motion_blur", "out_of_focus", "focus_doubtful")
"""The reasons by which the judge calls a photo's subject soft."""

DEFECT_ALIASES = {
    "dark": "too_dark",
    "bright": "too_bright",
    "noisy": "noise",
    "motion": "motion_blur",
    "blur": "blur",
    "blurred": "blur",
    "flare": "lens_flare",
    "jpeg": "low_quality",
}
GOOD = ("good", "clean", "none", "sharp")
"""Labels of photos without a defect."""

CATEGORIES = ("people", "landscape", "architecture_city", "animals", "food", "macro_plants", "other")

LABELS: dict[str, tuple[str, ...]] = {
    "eyes": ("open", "closed"),
    "blink": ("open", "closed", "mixed"),
    "blur": BLUR_LABELS,
    "defects": (*DEFECTS, *DEFECT_ALIASES, *GOOD),
    "category": CATEGORIES,
}
"""What can be evaluated, and the labels that its manifest may hold."""

_DEFECT_LIMITS = {
    "too_dark": "dark_doubt",
    "too_bright": "bright_doubt",
    "motion_blur": "focus_second_min",
    "defocus": "focus_second_min",
    "blur": "focus_second_min",
    "lens_flare": "flare_doubt",
    "low_quality": "quality_doubt",
    "noise": "noise_doubt",
}


@dataclass(slots=True)
class Evaluation:
    """One evaluation: where the models are, the settings, and what could not be read on the way."""

    models: Path
    settings: Settings
    step: Callable[[], None] = lambda: None
    unreadable: list[dict[str, str]] = field(default_factory=list)

    def run(self, member: str, rows: Sequence[Row]) -> Figures:
        """Evaluate one of `LABELS` on rows with its labels; unreadable photos are named and left out.

        Returns n, accuracy, balanced_accuracy, precision, recall, f1, auc, confusion, per_label, cannot_tell,
        unreadable, member, models (version of each that spoke) and limits (settings that decided). Raises
        ModelError where a model is not usable.
        """
        figures = _EVALUATIONS[member](self, rows)
        return {"member": member, "cannot_tell": 0, **figures, "unreadable": self.unreadable}

    def limits(self, *names: str) -> dict[str, Any]:
        """Give the settings of these names."""
        return {name: getattr(self.settings, name) for name in names}

    def photos(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Photo]]:
        """Read the rows' photos, one after the other; the pixels live until the next one."""
        arena = Arena()
        for row in rows:
            try:
                photo = read_photo(row.path, arena=arena)
            except PhotoError as error:
                self._leave_out(row, error.code, error.message)
            else:
                yield row, photo
            self.step()

    def crops(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Any]]:
        """Read the rows' crops, of any size."""
        for row in rows:
            try:
                crop = read_picture(row.path)
            except OSError as error:
                self._leave_out(row, "damaged", str(error))
            else:
                yield row, crop
            self.step()

    def _leave_out(self, row: Row, code: str, message: str) -> None:
        self.unreadable.append({"path": str(row.path), "code": code, "message": message})


def _eyes(evaluation: Evaluation, rows: Sequence[Row]) -> Figures:
    """Closed against open, by the network alone: closed below `eyes_open`."""
    member = EyesMember(evaluation.models)
    closed, score = [], []
    for row, crop in evaluation.crops(rows):
        closed.append(row.label == "closed")
        score.append(1 - float(member.open_probability([crop])[0]))
    limits = evaluation.limits("eyes_open")
    said = np.array(score) > 1 - limits["eyes_open"]
    figures = two_sided(np.array(closed, dtype=bool), np.array(score), said, ("closed", "open"))
    return {**figures, "models": _versions([member]), "limits": limits}


def _blink(evaluation: Evaluation, rows: Sequence[Row]) -> Figures:
    """Photos with a prominent pair of closed eyes against those without, by the judge.

    The figures count a photo without an answer as not closed; `answered` holds those of the others.
    """
    truth, score, answers = [], [], []
    ensemble = Ensemble(standard_members(evaluation.models))
    for row, _, verdict in _judged(evaluation, ensemble, rows):
        truth.append(row.label != "open")
        score.append(0.0 if verdict.eyes_open is None else 1 - verdict.eyes_open)
        answers.append(verdict.eyes)
    closed, scores, said = np.array(truth, dtype=bool), np.array(score), np.array(answers)
    known = np.isin(said, ("open", "closed"))
    answered = binary_figures(closed[known], scores[known], said[known] == "closed")
    return {
        **two_sided(closed, scores, said == "closed", ("closed", "open")),
        "answered": answered,
        "cannot_tell": answers.count("cannot_tell"),
        "no_faces": answers.count("no_faces"),
        "models": ensemble.versions,
        "limits": evaluation.limits("eyes_closed", "eyes_open"),
    }


def _blur(evaluation: Evaluation, rows: Sequence[Row]) -> Figures:
    """Photos with a soft subject against sharp ones: soft is what the judge gives a focus reason."""
    truth, score, doubted, rejected = [], [], [], []
    ensemble = Ensemble(standard_members(evaluation.models))
    for row, evidence, verdict in _judged(evaluation, ensemble, rows):
        codes = {reason.code for reason in verdict.reasons} & set(BLUR_CODES)
        truth.append(row.label != "sharp")
        score.append(1 - evidence.focus.sharp)
        doubted.append("focus_doubtful" in codes)
        rejected.append(bool(codes - {"focus_doubtful"}))
    blurred, scores, surely = np.array(truth, dtype=bool), np.array(score), np.array(rejected, dtype=bool)
    said = surely | np.array(doubted, dtype=bool)
    return {
        **two_sided(blurred, scores, said, ("blurred", "sharp")),
        "rejected": binary_figures(blurred, scores, surely),
        "cannot_tell": sum(doubted),
        "models": ensemble.versions,
        "limits": evaluation.limits("focus_doubt", "focus_reject", "focus_second_min"),
    }


def _defects(evaluation: Evaluation, rows: Sequence[Row]) -> Figures:
    """Each defect that the manifest names: the photos that have it against the good ones, by the network."""
    member = DefectsMember(evaluation.models)
    truth, scores = [], []
    for row, photo in evaluation.photos(rows):
        measured = member.measure(photo, {})
        truth.append(canonical_defects(row.label))
        scores.append(measured | {"blur": max(measured["motion_blur"], measured["defocus"])})
    labels = [label for label in (*DEFECTS, "blur") if any(label in defects for defects in truth)]
    limits = evaluation.limits(*sorted({_DEFECT_LIMITS[label] for label in labels}))
    per_label = {}
    for label in labels:
        told = [
            (label in has, score[label])
            for has, score in zip(truth, scores, strict=True)
            if label in has or not has
        ]
        values = np.array([score for _, score in told])
        said = values >= limits[_DEFECT_LIMITS[label]]
        per_label[label] = binary_figures(np.array([has for has, _ in told]), values, said)
    overall = {
        name: mean([figures[name] for figures in per_label.values()])
        for name in ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc")
    }
    confusion = {label: figures["confusion"] for label, figures in per_label.items()}
    told_of = {"n": len(truth), **overall, "confusion": confusion, "per_label": per_label}
    return {**told_of, "models": _versions([member]), "limits": limits}


def canonical_defects(label: str) -> frozenset[str]:
    """Turn a manifest's label (several joined by `;` or `|`) into the defects' own names; empty is good."""
    named = (DEFECT_ALIASES.get(part, part) for part in split_labels(label))
    return frozenset(part for part in named if part not in GOOD)


def _category(evaluation: Evaluation, rows: Sequence[Row]) -> Figures:
    """The likeliest category against the true one."""
    faces, member = FacesMember(evaluation.models), CategoryMember(evaluation.models)
    truth, scores = [], []
    for row, photo in evaluation.photos(rows):
        measured = member.measure(photo, {"faces": faces.measure(photo, {})})
        truth.append(row.label)
        scores.append([measured[name] for name in CATEGORIES])
    figures = class_figures(truth, np.array(scores).reshape(-1, len(CATEGORIES)), CATEGORIES)
    return {**figures, "models": _versions([faces, member]), "limits": {}}


_EVALUATIONS: dict[str, Callable[[Evaluation, Sequence[Row]], Figures]] = {
    "eyes": _eyes,
    "blink": _blink,
    "blur": _blur,
    "defects": _defects,
    "category": _category,
}


def _judged(
    evaluation: Evaluation, ensemble: Ensemble, rows: Sequence[Row]
) -> Iterator[tuple[Row, Evidence, Verdict]]:
    """Measure and judge the rows' photos."""
    for row, photo in evaluation.photos(rows):
        evidence = ensemble.measure(photo)
        yield row, evidence, judge(evidence, evaluation.settings)


def _versions(members: Sequence[Member]) -> dict[str, str]:
    return {member.name: member.version for member in members}
