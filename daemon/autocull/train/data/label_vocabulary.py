"""The labels of manifests: the accepted ones for each evaluation, and aliases of the defects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from autocull.judge import BY_LABEL
from autocull.train.data.manifest import Row, split_labels
from autocull.vocabulary import CATEGORIES, DEFECTS

BLUR_LABELS = ("sharp", "blurred", "motion", "defocus", "motion_blur")
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
GOOD_LABELS = ("good", "clean", "none", "sharp")
"""Labels of photos without a defect."""

DEFECT_LIMITS = {
    **{label: BY_LABEL[label].label_setting for label in DEFECTS},
    "blur": BY_LABEL["motion_blur"].label_setting,
}
"""For each defect label, the setting from whose value on a photo counts as having the defect."""

LABELS: dict[str, tuple[str, ...]] = {
    "eyes": ("open", "closed"),
    "blink": ("open", "closed", "mixed"),
    "blur": BLUR_LABELS,
    "defects": (*DEFECTS, *DEFECT_ALIASES, *GOOD_LABELS),
    "category": CATEGORIES,
}
"""For each evaluation, the labels that its manifest may hold."""


def canonical_defects(label: str) -> frozenset[str]:
    """Return the defects named by a manifest's label (several joined by `;` or `|`), none if it is good."""
    names = (DEFECT_ALIASES.get(part, part) for part in split_labels(label))
    return frozenset(part for part in names if part not in GOOD_LABELS)


def with_negatives(rows: Iterable[Row], good_rows: Iterable[Row]) -> list[Row]:
    """Return the rows that have a defect, and the dev rows of `good_rows` with the label "good"."""
    faulty = [row for row in rows if canonical_defects(row.label)]
    return faulty + [replace(row, label="good") for row in good_rows if row.split == "dev"]


def pair_id(row: Row) -> str:
    """Return the identifier of the scene that two rows may share; "" for a row without one.

    It is the column `pair`, else the file's path up to the last `_` of its name: `lamp_noisy.jpg` and
    `lamp_clean.jpg` show the same lamp.
    """
    if "pair" in row.extra:
        return row.extra["pair"]
    scene = row.path.stem.rpartition("_")[0]
    return str(row.path.with_name(scene)) if scene else ""
