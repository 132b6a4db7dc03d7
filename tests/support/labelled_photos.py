"""Labelled photos with made evidence, for the evaluation of verdicts."""

from __future__ import annotations

from pathlib import Path

from autocull.measure.evidence import Evidence
from autocull.train.verdicts.judging import MeasuredPhoto
from autocull.train.verdicts.labels import FAULT_KINDS, VerdictSample
from support import evidence_builders as builders


def labelled_photo(name: str, *kinds: str, source: str = "one", series: str = "") -> VerdictSample:
    """Make a labelled photo of a name; it is faulty where one of the kinds is a fault."""
    is_faulty = bool(set(kinds) & set(FAULT_KINDS))
    return VerdictSample(Path(name), kinds or ("other",), is_faulty, source, "dev", name, series)


def measured_photo(
    name: str, *kinds: str, source: str = "one", series: str = "", evidence: Evidence | None = None
) -> MeasuredPhoto:
    """Make a labelled photo with evidence: by default a good photo's."""
    photo = labelled_photo(name, *kinds, source=source, series=series)
    return MeasuredPhoto(photo, photo.path, evidence or builders.evidence())


def dark_evidence(chance: float) -> Evidence:
    """Make the evidence of a photo without light, too dark by this probability."""
    exposure = builders.exposure(median=0.05, high=0.1)
    return builders.evidence(defects={"too_dark": chance}, exposure=exposure)
