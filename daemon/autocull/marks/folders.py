"""Sorting a shoot into sub-folders, with a journal and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autocull.marks.result import Result

By = Literal["verdict", "category", "defect", "eyes"]
How = Literal["copy", "link", "move"]


@dataclass(frozen=True, slots=True)
class Step:
    """One file and its place-to-be."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Plan:
    """What sorting will do; `left` are the unreadable frames' files, which stay where they are."""

    into: Path
    how: How
    steps: tuple[Step, ...]
    left: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """How far an undo came: files put back, and those that were refused with the reason."""

    restored: int
    refused: tuple[tuple[Path, str], ...]


def plan_sort(results: Iterable[Result], into: Path, *, by: By, how: How) -> Plan:
    """Say where each file goes; raises MarksError (nothing is touched) where a place is taken."""
    raise NotImplementedError


def carry_out(plan: Plan, journal: Path, *, on_step: Callable[[Step], None] | None = None) -> int:
    """Carry out the plan, noting each step in a new `journal`; returns the number of files placed."""
    raise NotImplementedError


def undo(journal: Path) -> Undone:
    """Put everything back that the journal tells of, in reverse order."""
    raise NotImplementedError
