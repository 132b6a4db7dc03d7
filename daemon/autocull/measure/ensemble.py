"""The ensemble: every member hears a photo, in the order of their needs; their answers become Evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autocull.measure.category import CategoryDetector
from autocull.measure.defects import DefectDetector
from autocull.measure.embedding import EmbeddingDetector
from autocull.measure.evidence import Evidence
from autocull.measure.exposure import measure_exposure
from autocull.measure.eyes import EyeDetector
from autocull.measure.faces import FaceDetector
from autocull.measure.focus import FocusDetector
from autocull.measure.member import Detector, sort_by_needs
from autocull.read.photo import Photo


def standard_detectors(models: Path) -> list[Detector]:
    """Make the members that ship with Autocull, their weights below `models`; nothing is loaded yet."""
    return [
        FaceDetector(models),
        EyeDetector(models),
        FocusDetector(models),
        DefectDetector(models),
        CategoryDetector(models),
        EmbeddingDetector(models),
    ]


class Ensemble:
    """Measures photos; holds one network per member, so one Ensemble belongs to one worker."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = sort_by_needs(detectors)

    @property
    def versions(self) -> dict[str, str]:
        """The version of each member, by name: part of the identity of what is measured."""
        return {detector.name: detector.version for detector in self._detectors}

    def measure(self, photo: Photo) -> Evidence:
        """Measure everything in one photo; raises ModelError where a member's model is not usable."""
        results: dict[str, Any] = {}
        for detector in self._detectors:
            results[detector.name] = detector.measure(photo, results)
        faces = tuple(
            replace(face, eyes=eyes) for face, eyes in zip(results["faces"], results["eyes"], strict=True)
        )
        return Evidence(
            kind=photo.kind,
            width=photo.width,
            height=photo.height,
            capture=photo.capture,
            faces=faces,
            focus=results["focus"],
            exposure=measure_exposure(photo),
            defects=results["defects"],
            category=results["category"],
            likeness=results["likeness"],
            models=self.versions,
            remarks=photo.remarks,
        )
