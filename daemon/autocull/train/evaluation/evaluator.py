"""How good the members are on pictures whose truth is known: measured and judged as the product does it.

Nothing here is tuned: every limit is that of the settings, and is given back beside the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

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
from autocull.read.decoders.buffer import Arena
from autocull.read.photo import Photo
from autocull.stats.metrics import Figures
from autocull.train.data.image_io import photo_of, read_picture
from autocull.train.data.label_vocabulary import CATEGORIES, DEFECT_LIMITS, canonical_defects
from autocull.train.data.manifest import Row
from autocull.train.evaluation.corruptions import FAULTS, spoiled
from autocull.train.evaluation.face_lightness import measured_of
from autocull.train.evaluation.member_metrics import figures_of, named_defects
from autocull.train.evaluation.predictions import Answer

BLUR_CODES = {"motion_blur": "rejected", "out_of_focus": "rejected", "focus_doubtful": "doubted"}
"""The reasons by which the judge calls a photo's subject soft, and what becomes of the photo."""

_LIMITS: dict[str, tuple[str, ...]] = {
    "eyes": ("eyes_open",),
    "blink": ("eyes_closed", "eyes_open"),
    "blur": ("focus_doubt", "focus_reject", "focus_second_min"),
    "category": (),
}
"""The settings that decide what a member says; for the defects, `DEFECT_LIMITS`."""


class Asked(NamedTuple):
    """What a member answered to the rows that could be read, and the version of each network that spoke."""

    answers: list[Answer]
    models: dict[str, str]


@dataclass(slots=True)
class Evaluation:
    """One evaluation: where the models are, the settings, and what could not be read on the way.

    Where it is `made`, rows are good photos; defects are judged in each as it is and spoiled in every way.
    """

    models: Path
    settings: Settings
    step: Callable[[], None] = lambda: None
    made: bool = False
    unreadable: list[dict[str, str]] = field(default_factory=list)

    def run(self, member: str, rows: Sequence[Row]) -> Figures:
        """Evaluate one of `LABELS` on rows with its labels; see `ask` and `figures`."""
        return self.figures(member, self.ask(member, rows))

    def ask(self, member: str, rows: Sequence[Row]) -> Asked:
        """Let a member answer; unreadable photos are named and left out.

        Raises ModelError where a model is not usable.
        """
        return _QUESTIONS[member](self, rows)

    def figures(self, member: str, asked: Asked) -> Figures:
        """Count the answers.

        Returns n, accuracy, balanced_accuracy, precision, recall, f1, auc, confusion, per_label, cannot_tell,
        unreadable, member, models (version of each that spoke) and limits (settings that decided).
        """
        return {
            "member": member,
            **figures_of(member, asked.answers),
            "models": asked.models,
            "limits": {name: getattr(self.settings, name) for name in _limits(member, asked.answers)},
            "unreadable": self.unreadable,
        }

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

    def spoiled(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Photo]]:
        """Read good photos; give each as it is, then with each fault of `spoiled.FAULTS` as its label."""
        for row, picture in self.crops(rows):
            for place, fault in enumerate((None, *FAULTS)):
                photo = photo_of(spoiled(picture, fault, (row.line, place)))
                yield replace(row, label=fault or "good", extra={**row.extra, "pair": str(row.path)}), photo

    def _leave_out(self, row: Row, code: str, message: str) -> None:
        self.unreadable.append({"path": str(row.path), "code": code, "message": message})


def _eyes(evaluation: Evaluation, rows: Sequence[Row]) -> Asked:
    """Closed against open, by the network alone: closed below `eyes_open`."""
    member, answers = EyesMember(evaluation.models), []
    for row, crop in evaluation.crops(rows):
        chance = float(member.open_probability([crop])[0])
        said = "open" if chance >= evaluation.settings.eyes_open else "closed"
        answers.append(_one(row, row.label, said, {"closed": 1 - chance, "open": chance}))
    return Asked(answers, _versions([member]))


def _blink(evaluation: Evaluation, rows: Sequence[Row]) -> Asked:
    """Photos with a prominent pair of closed eyes against those without, by the judge."""
    ensemble, answers = Ensemble(standard_members(evaluation.models)), []
    for row, photo, evidence, verdict in _judged(evaluation, ensemble, rows):
        chance = 1.0 if verdict.eyes_open is None else verdict.eyes_open
        truth = "open" if row.label == "open" else "closed"
        answer = _one(row, truth, verdict.eyes, {"closed": 1 - chance, "open": chance})
        answers.append(replace(answer, measured=measured_of(photo, evidence.faces)))
    return Asked(answers, ensemble.versions)


def _blur(evaluation: Evaluation, rows: Sequence[Row]) -> Asked:
    """Photos with a soft subject against sharp ones: soft is what the judge gives a focus reason."""
    ensemble, answers = Ensemble(standard_members(evaluation.models)), []
    for row, _, evidence, verdict in _judged(evaluation, ensemble, rows):
        codes = {reason.code for reason in verdict.reasons} & BLUR_CODES.keys()
        truth = "sharp" if row.label == "sharp" else "blurred"
        scores = {"blurred": 1 - evidence.focus.sharp, "sharp": evidence.focus.sharp}
        answer = _one(row, truth, "blurred" if codes else "sharp", scores)
        answers.append(replace(answer, aside=frozenset(BLUR_CODES[code] for code in codes)))
    return Asked(answers, ensemble.versions)


def _defects(evaluation: Evaluation, rows: Sequence[Row]) -> Asked:
    """Each defect by the network alone: said from the limit of doubt on.

    A photo with one defect is no example of a photo without another: only of good photos are all asked.
    """
    member, answers = DefectsMember(evaluation.models), []
    for row, photo in evaluation.spoiled(rows) if evaluation.made else evaluation.photos(rows):
        measured = member.measure(photo, {})
        scores = measured | {"blur": max(measured["motion_blur"], measured["defocus"])}
        truth = canonical_defects(row.label)
        asked = truth or {*DEFECTS, "blur"}
        said = {name for name in asked if scores[name] >= getattr(evaluation.settings, DEFECT_LIMITS[name])}
        answers.append(Answer(row, truth, frozenset(said), scores))
    return Asked(answers, _versions([member]))


def _category(evaluation: Evaluation, rows: Sequence[Row]) -> Asked:
    """The likeliest category against the true one."""
    faces, member = FacesMember(evaluation.models), CategoryMember(evaluation.models)
    answers = []
    for row, photo in evaluation.photos(rows):
        measured = member.measure(photo, {"faces": faces.measure(photo, {})})
        answers.append(_one(row, row.label, max(CATEGORIES, key=measured.__getitem__), measured))
    return Asked(answers, _versions([faces, member]))


_QUESTIONS: dict[str, Callable[[Evaluation, Sequence[Row]], Asked]] = {
    "eyes": _eyes,
    "blink": _blink,
    "blur": _blur,
    "defects": _defects,
    "category": _category,
}


def _judged(
    evaluation: Evaluation, ensemble: Ensemble, rows: Sequence[Row]
) -> Iterator[tuple[Row, Photo, Evidence, Verdict]]:
    """Measure and judge the rows' photos."""
    for row, photo in evaluation.photos(rows):
        evidence = ensemble.measure(photo)
        yield row, photo, evidence, judge(evidence, evaluation.settings)


def _limits(member: str, answers: Sequence[Answer]) -> Sequence[str]:
    """Name the settings that decided these answers."""
    if member != "defects":
        return _LIMITS[member]
    return sorted({DEFECT_LIMITS[name] for name in named_defects(answers)})


def _one(row: Row, truth: str, said: str, scores: Mapping[str, float]) -> Answer:
    return Answer(row, frozenset({truth}), frozenset({said}), scores)


def _versions(members: Sequence[Member]) -> dict[str, str]:
    return {member.name: member.version for member in members}
