"""What the photographer decided before: photos that she selected, and photos that she did not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autocull.errors import LearningError, ManifestError

LEAST_DECISIONS = 200
LEAST_SELECTS = 20
"""Fewer than these, and what is learned would be chance."""

LEAST_SHOOTS = 3
"""Shoots with selects without which nobody can say whether what was learned holds for the next one."""

Source = Literal["catalog", "sidecars", "folders", "decisions"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One photo that she `selected`, or did not; `shoot` where it is known which one it belongs to."""

    path: Path
    selected: bool
    shoot: str | None = None


@dataclass(slots=True)
class Gathered:
    """The decisions of one source, and how many photos were left out, by the reason in words."""

    source: Source
    decisions: list[Decision] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class _Line(BaseModel):
    """One line of a file of decisions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Annotated[str, Field(min_length=1)]
    shoot: str | None = None
    decision: Literal["select", "reject"]


def read_decisions(file: Path) -> Gathered:
    """Read a file of JSON lines: `{"path", "shoot", "decision": "select" | "reject"}`.

    Blank lines are skipped. Raises ManifestError, naming the line, for anything else.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"The decisions {file} cannot be read: {error}.") from error
    return without_conflicts(
        "decisions",
        (_decision(file, number, line) for number, line in enumerate(lines, 1) if line.strip()),
    )


def _decision(file: Path, number: int, line: str) -> Decision:
    try:
        found = _Line.model_validate(json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "line"
        raise ManifestError(f"{file}, line {number}: {where}: {first['msg']}.") from error
    except ValueError as error:
        raise ManifestError(f"{file}, line {number} is no JSON: {error}.") from error
    return Decision(Path(found.path), found.decision == "select", found.shoot)


def without_conflicts(source: Source, decisions: Iterable[Decision]) -> Gathered:
    """Keep one decision per photo; photos that were decided both ways (virtual copies, say) are left out."""
    first: dict[Path, Decision] = {}
    conflicts: set[Path] = set()
    for decision in decisions:
        if first.setdefault(decision.path, decision).selected != decision.selected:
            conflicts.add(decision.path)
    gathered = Gathered(source, [each for path, each in first.items() if path not in conflicts])
    if conflicts:
        gathered.left_out["decided both ways"] = len(conflicts)
    return gathered


def check_enough(selected: Sequence[bool], shoots: int | None = None) -> None:
    """Raise LearningError where there is too little to learn from; `shoots` counts those with selects."""
    decisions, selects = len(selected), sum(selected)
    rejects = decisions - selects
    if decisions < LEAST_DECISIONS or min(selects, rejects) < LEAST_SELECTS:
        raise LearningError(
            f"Nothing was learned: there are {decisions:,} decisions, {selects:,} of them selects and "
            f"{rejects:,} rejects; {LEAST_DECISIONS} with {LEAST_SELECTS} of each are needed. "
            "Mark more photos by hand, or add older shoots."
        )
    if shoots is not None and shoots < LEAST_SHOOTS:
        raise LearningError(
            f"Nothing was learned: the selects come from {shoots:,} shoot{'' if shoots == 1 else 's'}; "
            f"{LEAST_SHOOTS} are needed to see whether what is learned holds for the next one."
        )
