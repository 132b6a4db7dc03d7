"""Sidecars: marks as Lightroom writes and reads them, merged with what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from autocull.errors import MarksError
from autocull.judge.verdict import Label, Marks
from autocull.marks.result import Judged
from autocull.read.photo import Frame

Mark = Literal["rating", "label", "flag"]
LABEL_NAMES: Mapping[Label, str] = {
    "red": "Red", "yellow": "Yellow", "green": "Green", "blue": "Blue", "purple": "Purple",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How marks are written: `label_names` are the names of the colours in the photographer's label set."""

    label_names: Mapping[Label, str] = field(default_factory=lambda: LABEL_NAMES)


@dataclass(frozen=True, slots=True)
class SidecarMarks:
    """The marks in a sidecar. `label` is the colour, `label_name` its text; None means "not set".
    `hers` names those that the photographer set or cleared herself."""

    rating: int | None
    label: Label | None
    label_name: str | None
    flag: int | None
    hers: frozenset[Mark]


@dataclass(frozen=True, slots=True)
class Written:
    """What happened to one frame's sidecar; `kept` names the marks left as the photographer set them."""

    frame: Frame
    sidecar: Path
    state: Literal["written", "unchanged", "refused"]
    kept: frozenset[Mark] = frozenset()
    error: MarksError | None = None


def sidecar_of(frame: Frame) -> Path:
    """The sidecar that holds a frame's marks: IMG.xmp beside IMG.NEF."""
    raise NotImplementedError


def plan_sidecar(text: str | None, marks: Marks, *, extension: str, policy: Policy) -> str | None:
    """The sidecar's new text, or None where nothing changes; pure."""
    raise NotImplementedError


def write_sidecar(frame: Frame, marks: Marks, *, policy: Policy, dry_run: bool = False) -> Written:
    """Merge `marks` into the frame's sidecar; raises MarksError, and then the sidecar is as it was."""
    raise NotImplementedError


def write_sidecars(results: Iterable[Judged], *, policy: Policy, dry_run: bool = False) -> Iterator[Written]:
    """Write the sidecars of a shoot, one outcome each; frames that share a sidecar are refused by name."""
    raise NotImplementedError


def read_marks(path: Path) -> SidecarMarks:
    """Read a sidecar's marks; raises MarksError where it is missing or damaged."""
    raise NotImplementedError
