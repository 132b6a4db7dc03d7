"""Factories of results, and helpers that feed results to outputs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from autocull.errors import PhotoError
from autocull.judge import Settings, judge, marks_for
from autocull.judge.verdict import Marks
from autocull.measure.evidence import Evidence
from autocull.output.result import Judged, Result, Unreadable
from autocull.output.sorting.plan import SortMode, SortPlan, SortPlanner
from autocull.read.photo import Frame
from support.evidence_builders import evidence


def judged(
    path: Path,
    *companions: Path,
    measured: Evidence | None = None,
    marks: Marks | None = None,
    **changes: Any,
) -> Judged:
    """Make a frame with evidence, judged by the default settings.

    `measured` replaces the default evidence, or `changes` (those of `evidence_builders.evidence`) alter it;
    `marks` replaces the marks that the settings give.
    """
    photo_evidence = measured if measured is not None else evidence(**changes)
    verdict = judge(photo_evidence, Settings())
    return Judged(Frame(path, companions), photo_evidence, verdict, marks or marks_for(verdict, Settings()))


def load_result_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one result, which the package ships."""
    text = files("autocull.output").joinpath("result.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def plan_sort(results: Iterable[Result], into: Path, how: SortMode) -> SortPlan:
    """Plan to sort results by verdict into `into`."""
    planner = SortPlanner(into, by="verdict", how=how)
    for result in results:
        planner.add(result)
    return planner.finish()


def unreadable(path: Path, *companions: Path, message: str = "The file is damaged.") -> Unreadable:
    """Make a frame that could not be read."""
    return Unreadable(Frame(path, companions), PhotoError(path, message, code="damaged"))
