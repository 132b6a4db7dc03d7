"""One photo, read and measured for its explanation: the result, and what its picture shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autocull.judge import Settings, judge, mark
from autocull.judge.texts.labels import labels_to_show
from autocull.measure.ensemble import Ensemble, standard_members
from autocull.measure.eyes import eye_crops
from autocull.measure.member import Member
from autocull.measure.models import Model
from autocull.measure.occlusion_maps import category_heat, defect_heat
from autocull.output.explanation.drawing import Explained
from autocull.output.result import Judged
from autocull.read import Frame, Photo, find_frames, read_frame
from autocull.read.discovery import COMPANION_SUFFIXES
from autocull.read.file_type import RAW_SUFFIXES


@dataclass(frozen=True, slots=True)
class Looked:
    """A photo that was read, with what was said of it, by which members under which settings."""

    photo: Photo
    result: Judged
    settings: Settings
    members: Mapping[str, Member]
    configs: Mapping[str, Mapping[str, Any]]
    """Each member's configuration, by its name."""


def look_at(path: Path, models: Path, settings: Settings) -> Looked:
    """Read, measure and judge one photo as culling does; nothing is stored.

    A RAW file and the JPEG beside it are one photo, whichever is named. Raises PhotoError where it cannot be
    read and ModelError where a model below `models` is not usable.
    """
    frame = frame_of(path)
    photo = read_frame(frame)
    members = {member.name: member for member in standard_members(models)}
    evidence = Ensemble(list(members.values())).measure(photo)
    verdict = judge(evidence, settings)
    configs = {name: Model.open(models, name).config for name in members}
    return Looked(
        photo, Judged(frame, evidence, verdict, mark(verdict, settings)), settings, members, configs
    )


def frame_of(path: Path) -> Frame:
    """The frame to which the photo `path` belongs, its companion found beside it; PhotoError without one."""
    found = find_frames((path, *_namesakes(path)))
    for frame in found.frames:
        if path in frame.files:
            return frame
    for error in found.unreadable:
        if error.path == path:
            raise error
    return Frame(path)


def _namesakes(path: Path) -> list[Path]:
    """The files beside `path` that may be of the same exposure: same name, a RAW file's or its JPEG's."""
    suffixes = RAW_SUFFIXES | COMPANION_SUFFIXES
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:  # what is wrong with the folder is said when the photo itself is read
        return []
    return [
        each
        for each in beside
        if each.stem.lower() == path.stem.lower() and each.suffix.lower() in suffixes and each != path
    ]


def explained(looked: Looked) -> Explained:
    """Make what the picture shows beyond the evidence: eye crops, and heat for the labels that matter most.

    Takes as long as 72 looks of the networks at a small part (about a second).
    """
    photo, evidence = looked.photo, looked.result.evidence
    framing = float(looked.configs["eyes"]["preprocessing"]["framing"])
    maps = {
        "defect": defect_heat(photo, looked.members["defects"]),
        "category": category_heat(photo, evidence.faces, looked.members["category"]),
    }
    labels = labels_to_show(evidence, looked.settings)
    return Explained(
        result=looked.result,
        settings=looked.settings,
        working=photo.working,
        eyes=eye_crops(photo, evidence, framing),
        heat=[(label, maps[label.kind][label.code]) for label in labels],
    )
