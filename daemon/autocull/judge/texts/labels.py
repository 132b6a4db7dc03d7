"""Labels of the two networks of the whole picture (defects and categories), and whether they are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from autocull.judge.criteria import BY_LABEL, DEFOCUS, MOTION
from autocull.judge.pages import judged_defects
from autocull.judge.settings import Settings
from autocull.measure import Evidence
from autocull.vocabulary import DEFECTS

BLUR_LABELS = frozenset({DEFOCUS.label, MOTION.label})
"""Labels of the defects network that are shown although tiles decide on the focus."""

LabelAnswer = Literal["yes", "not_sure", "no"]

DEFECT_NAMES: Mapping[str, str] = MappingProxyType({label: BY_LABEL[label].title for label in DEFECTS})
"""Each defect's name for the photographer."""

LABEL_ANSWER_TEXTS: Mapping[LabelAnswer, str] = MappingProxyType(
    {"yes": "yes", "not_sure": "not sure", "no": "no"}
)


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a photo: code, kind, probability (0-1), the limit (0-1) for giving it, and the answer."""

    code: str
    kind: Literal["defect", "category"]
    chance: float
    limit: float
    answer: LabelAnswer

    @property
    def name(self) -> str:
        """The label's name for the photographer."""
        return DEFECT_NAMES[self.code] if self.kind == "defect" else category_name(self.code)


def category_name(code: str) -> str:
    """Return a category's name for the photographer: "architecture_city" is "Architecture, city"."""
    return code.replace("_", ", ").capitalize()


def limit_of_defect(code: str, settings: Settings) -> float:
    """Return the probability (0-1) from which on a defect is given; raises KeyError for what is no defect."""
    return BY_LABEL[code].limit_of_label(settings)


def defect_labels(evidence: Evidence, settings: Settings) -> list[Label]:
    """Return every defect that is judged, the likeliest first; a "no" needs as much certainty as a "yes"."""
    judged = {criterion.label for criterion in judged_defects(evidence, settings)} | BLUR_LABELS
    labels = [
        _defect_label(code, chance, settings) for code, chance in evidence.defects.items() if code in judged
    ]
    return sorted(labels, key=_likeliest_first)


def category_labels(evidence: Evidence, settings: Settings) -> list[Label]:
    """Return every category, the likeliest first; where one is given, the others are not."""
    limit = settings.category_sure
    rest: LabelAnswer = "no" if max(evidence.category.values()) >= limit else "not_sure"
    labels = [
        Label(code, "category", chance, limit, "yes" if chance >= limit else rest)
        for code, chance in evidence.category.items()
    ]
    return sorted(labels, key=_likeliest_first)


def top_labels(evidence: Evidence, settings: Settings, count: int = 5) -> list[Label]:
    """Return the `count` likeliest labels of both kinds, the likeliest first.

    The probabilities of both kinds can be compared, since both networks are calibrated; those of the
    categories sum to 1, those of the defects do not.
    """
    labels = [*category_labels(evidence, settings), *defect_labels(evidence, settings)]
    return sorted(labels, key=_likeliest_first)[:count]


def labels_to_show(evidence: Evidence, settings: Settings) -> list[Label]:
    """Return the labels whose occlusion maps are shown, three in all.

    They are the likeliest category, and the two defects nearest to (or farthest past) their limits.
    """
    defects = sorted(defect_labels(evidence, settings), key=lambda label: label.limit - label.chance)
    return [category_labels(evidence, settings)[0], *defects[:2]]


def _defect_label(code: str, chance: float, settings: Settings) -> Label:
    limit = limit_of_defect(code, settings)
    if chance >= limit:
        return Label(code, "defect", chance, limit, "yes")
    return Label(code, "defect", chance, limit, "no" if 1 - chance >= limit else "not_sure")


def _likeliest_first(label: Label) -> float:
    return -label.chance
