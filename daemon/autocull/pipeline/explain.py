"""Analysis of one photo for its explanation: result, eye crops and occlusion maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autocull.judge import Settings, judge, labels_to_show, marks_for
from autocull.measure import Ensemble, Model, category_occlusion_maps, crop_eyes, defect_occlusion_maps
from autocull.output import Judged, PhotoExplanation
from autocull.read import COMPANION_SUFFIXES, RAW_SUFFIXES, Frame, Photo, find_frames, read_frame


@dataclass(frozen=True, slots=True)
class PhotoAnalysis:
    """A photo that was read, with its result, and the ensemble and settings behind it."""

    photo: Photo
    result: Judged
    settings: Settings
    ensemble: Ensemble
    configs: Mapping[str, Mapping[str, Any]]
    """The configuration of each model, by name."""


def analyse(path: Path, models: Path, settings: Settings) -> PhotoAnalysis:
    """Read, measure and judge one photo as culling does; nothing is stored.

    A RAW file and its JPEG are one photo, whichever of them `path` names. Raises PhotoError where it cannot
    be read and ModelError where a model below `models` is not usable.
    """
    frame = find_frame(path)
    photo = read_frame(frame)
    ensemble = Ensemble(models)
    evidence = ensemble.measure(photo)
    verdict = judge(evidence, settings)
    configs = {name: Model.open(models, name).config for name in evidence.models}
    return PhotoAnalysis(
        photo, Judged(frame, evidence, verdict, marks_for(verdict, settings)), settings, ensemble, configs
    )


def find_frame(path: Path) -> Frame:
    """Return the frame that has the file `path`, with its companions; raises PhotoError without one."""
    scan = find_frames((path, *_find_companions(path)))
    for frame in scan.frames:
        if path in frame.files:
            return frame
    for error in scan.unreadable:
        if error.path == path:
            raise error
    return Frame(path)


def _find_companions(path: Path) -> list[Path]:
    """Return the files next to `path` that may be of the same exposure: same stem, RAW or companion."""
    suffixes = RAW_SUFFIXES | COMPANION_SUFFIXES
    try:
        siblings = sorted(path.parent.iterdir())
    except OSError:  # reading the photo itself reports what is wrong with the folder
        return []
    return [
        sibling
        for sibling in siblings
        if sibling.stem.lower() == path.stem.lower()
        and sibling.suffix.lower() in suffixes
        and sibling != path
    ]


def build_explanation(analysis: PhotoAnalysis) -> PhotoExplanation:
    """Compute what the picture shows: eye crops, and occlusion maps of the labels that matter most.

    Takes as long as 72 predictions of a network for a small part (about a second).
    """
    photo, evidence = analysis.photo, analysis.result.evidence
    framing = float(analysis.configs["eyes"]["preprocessing"]["framing"])
    maps = {
        "defect": defect_occlusion_maps(photo, analysis.ensemble.defects),
        "category": category_occlusion_maps(photo, evidence.faces, analysis.ensemble.category),
    }
    labels = labels_to_show(evidence, analysis.settings)
    return PhotoExplanation(
        result=analysis.result,
        settings=analysis.settings,
        working=photo.working,
        eyes=crop_eyes(photo, evidence, framing),
        occlusion_maps=[(label, maps[label.kind][label.code]) for label in labels],
    )
