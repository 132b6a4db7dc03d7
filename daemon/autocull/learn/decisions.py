"""Past decisions of a photographer: selected and rejected photos, and how many are needed to learn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autocull.errors import LearningError, ManifestError
from autocull.plurals import format_count

MIN_DECISIONS = 200
MIN_SELECTS = 20
"""Minimum numbers of decisions, and of selects and of rejects among them; with fewer, chance would decide."""

MIN_SHOOTS = 3
"""Minimum number of shoots with selects; with fewer, performance on new shoots cannot be estimated."""

DecisionSource = Literal["catalog", "sidecars", "folders", "decisions"]


@dataclass(frozen=True, slots=True)
class PhotoDecision:
    """One photo that was `selected` or not; `shoot` names its shoot where the source does."""

    path: Path
    selected: bool
    shoot: str | None = None


@dataclass(slots=True)
class DecisionSet:
    """The decisions of one source, and the number of photos left out by reason (text for the user)."""

    source: DecisionSource
    decisions: list[PhotoDecision] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class _DecisionLine(BaseModel):
    """One line of a file of decisions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Annotated[str, Field(min_length=1)]
    shoot: str | None = None
    decision: Literal["select", "reject"]


def read_decisions(file: Path) -> DecisionSet:
    """Read a file of JSON lines: `{"path", "shoot", "decision": "select" | "reject"}`.

    Blank lines are skipped. Raises ManifestError, naming the line, for anything else.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"The decisions {file} cannot be read: {error}.") from error
    return remove_conflicts(
        "decisions",
        (_parse_decision(file, number, line) for number, line in enumerate(lines, 1) if line.strip()),
    )


def _parse_decision(file: Path, number: int, line: str) -> PhotoDecision:
    try:
        parsed = _DecisionLine.model_validate(json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        location = ".".join(map(str, first["loc"])) or "line"
        raise ManifestError(f"{file}, line {number}: {location}: {first['msg']}.") from error
    except ValueError as error:
        raise ManifestError(f"{file}, line {number} is no JSON: {error}.") from error
    return PhotoDecision(Path(parsed.path), parsed.decision == "select", parsed.shoot)


def remove_conflicts(source: DecisionSource, decisions: Iterable[PhotoDecision]) -> DecisionSet:
    """Return one decision per photo; leaves out photos with contradicting ones, as of virtual copies."""
    first: dict[Path, PhotoDecision] = {}
    conflicts: set[Path] = set()
    for decision in decisions:
        if first.setdefault(decision.path, decision).selected != decision.selected:
            conflicts.add(decision.path)
    decision_set = DecisionSet(source, [each for path, each in first.items() if path not in conflicts])
    if conflicts:
        decision_set.left_out["decided both ways"] = len(conflicts)
    return decision_set


def check_enough(selected: Sequence[bool], shoots: int | None = None) -> None:
    """Raise LearningError if there are too few decisions; `shoots` is the number of shoots with selects."""
    decisions, selects = len(selected), sum(selected)
    rejects = decisions - selects
    if decisions < MIN_DECISIONS or min(selects, rejects) < MIN_SELECTS:
        raise LearningError(
            f"Nothing was learned: there are only {format_count(decisions, 'decision')}, with "
            f"{format_count(selects, 'select')} and {format_count(rejects, 'reject')}; {MIN_DECISIONS} with "
            f"{MIN_SELECTS} of each are needed. "
            "Mark more photos by hand, or add older shoots.",
            code="too_few_decisions",
            parameters={
                "decisions": decisions, "selects": selects, "rejects": rejects,
                "needed_decisions": MIN_DECISIONS, "needed_of_each": MIN_SELECTS,
            },
        )  # fmt: skip
    if shoots is not None and shoots < MIN_SHOOTS:
        raise LearningError(
            f"Nothing was learned: the selects come from {shoots:,} shoot{'' if shoots == 1 else 's'}; "
            f"{MIN_SHOOTS} are needed to test what is learned on other shoots.",
            code="too_few_shoots",
            parameters={"shoots": shoots, "needed_shoots": MIN_SHOOTS},
        )
