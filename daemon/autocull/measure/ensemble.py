"""The ensemble: every member hears a photo, in the order of their needs; their answers become Evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autocull.measure.category import CategoryMember
from autocull.measure.defects import DefectsMember
from autocull.measure.embedding import LikenessMember
from autocull.measure.evidence import Evidence
from autocull.measure.exposure import measure_exposure
from autocull.measure.eyes import EyesMember
from autocull.measure.faces import FacesMember
from autocull.measure.focus import FocusMember
from autocull.measure.member import Member, in_order
from autocull.read.photo import Photo


def standard_members(models: Path) -> list[Member]:
    """Make the members that ship with Autocull, their weights below `models`; nothing is loaded yet."""
    return [
        FacesMember(models),
        EyesMember(models),
        FocusMember(models),
        DefectsMember(models),
        CategoryMember(models),
        LikenessMember(models),
    ]


class Ensemble:
    """Measures photos; holds one network per member, so one Ensemble belongs to one worker."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = in_order(members)

    @property
    def versions(self) -> dict[str, str]:
        """The version of each member, by name: part of the identity of what is measured."""
        return {member.name: member.version for member in self._members}

    def measure(self, photo: Photo) -> Evidence:
        """Measure everything in one photo; raises ModelError where a member's model is not usable."""
        parts: dict[str, Any] = {}
        for member in self._members:
            parts[member.name] = member.measure(photo, parts)
        faces = tuple(
            replace(face, eyes=eyes) for face, eyes in zip(parts["faces"], parts["eyes"], strict=True)
        )
        return Evidence(
            kind=photo.kind,
            width=photo.width,
            height=photo.height,
            capture=photo.capture,
            faces=faces,
            focus=parts["focus"],
            exposure=measure_exposure(photo),
            defects=parts["defects"],
            category=parts["category"],
            likeness=parts["likeness"],
            models=self.versions,
            remarks=photo.remarks,
        )
