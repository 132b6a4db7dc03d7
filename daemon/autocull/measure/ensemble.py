"""The ensemble: runs all detectors on a photo and collects their results into `Evidence`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autocull.measure.category import CategoryDetector
from autocull.measure.defects import DefectDetector
from autocull.measure.embedding import EmbeddingDetector
from autocull.measure.evidence import Evidence
from autocull.measure.exposure import measure_exposure
from autocull.measure.eyes import EyeDetector
from autocull.measure.faces import FaceDetector
from autocull.measure.focus import FocusDetector
from autocull.measure.pages import measure_page
from autocull.read import Photo


class Ensemble:
    """The six detectors, with models below the folder `models`; each loads its networks at its first photo.

    It is not thread-safe, as its networks are not: one ensemble per worker.
    """

    def __init__(self, models: Path) -> None:
        self.faces = FaceDetector(models)
        self.eyes = EyeDetector(models)
        self.focus = FocusDetector(models)
        self.defects = DefectDetector(models)
        self.category = CategoryDetector(models)
        self.embedding = EmbeddingDetector(models)

    @property
    def versions(self) -> dict[str, str]:
        """Return the version of each model by name; measurements are valid for these versions only."""
        detectors = (self.faces, self.eyes, self.focus, self.defects, self.category, self.embedding)
        return {detector.name: detector.version for detector in detectors}

    def measure(self, photo: Photo) -> Evidence:
        """Measure everything in one photo; raises ModelError if a model is not usable."""
        faces = self.faces.measure(photo)
        eyes = self.eyes.measure(photo, faces)
        category, maps = self.category.measure_with_maps(photo, faces)
        predicted = self.defects.predict(photo)
        frame_blur = max(predicted["defocus"], predicted["motion_blur"])
        focus = self.focus.measure(photo, faces, maps, frame_blur)
        exposure = measure_exposure(photo, faces, focus.subject)
        return Evidence(
            kind=photo.kind,
            width=photo.width,
            height=photo.height,
            capture=photo.capture,
            faces=tuple(replace(face, eyes=of_face) for face, of_face in zip(faces, eyes, strict=True)),
            focus=focus,
            exposure=exposure,
            defects=self.defects.measure(photo, exposure, predicted),
            category=category,
            likeness=self.embedding.measure(photo),
            models=self.versions,
            remarks=photo.remarks,
            page=measure_page(photo.working),
        )
