"""Learning a photographer's picks: what is asked, what became of it, and what the process said."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

LearningState = Literal["open", "running", "done", "failed", "cancelled"]
"""Open: more decisions may come. The last three are ends."""

LIVE: tuple[LearningState, ...] = ("open", "running")
_PROGRESS = re.compile(r"\s*([\d,]{1,15}) of ([\d,]{1,15}) photos")


class Decided(NamedTuple):
    """A photo that she decided on: its path as the catalog wrote it, and its shoot where one is known."""

    path: str
    shoot: str | None
    decision: Literal["select", "reject"]


@dataclass(frozen=True, slots=True)
class Promise:
    """What the process promises about harm: at most `share` (0-1) of her selects is lost, with `confidence`
    (0-1), where photos of a probability up to `limit` (0-1) are rejected. On shoots that were held out these
    were `lost` of `selects`.
    """

    share: float
    confidence: float
    limit: float
    selects: int
    lost: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the process that learns said at its end: a sentence, and where it learned something, the rest.

    `acts` says whether the taste may decide, and `report` is the path of the report in pictures.
    """

    message: str
    acts: bool | None = None
    promise: Promise | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """One learning as it is now; `name` is the profile's, `created` seconds since 1970.

    `measured` are the photos of which it knows what they show, and of how many; None before it said so.
    """

    id: str
    name: str
    state: LearningState
    created: float
    decisions: int = 0
    selects: int = 0
    measured: tuple[int, int] | None = None
    lesson: Lesson | None = None

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.state in LIVE


def measured_of(line: str) -> tuple[int, int] | None:
    """Read a line of progress: "50 of 2,400 photos · …"; None where it is something else."""
    found = _PROGRESS.match(line)
    return None if found is None else (_whole(found[1]), _whole(found[2]))


def lesson_of(code: int, said: str, complained: str) -> tuple[LearningState, Lesson]:
    """Read what the process said: the JSON object of its last line, or else its complaint.

    `code` is its exit status, `said` its standard output, `complained` the end of its standard error.
    """
    found = _last_object(said)
    if found is not None and isinstance(found.get("message"), str):
        learned = code == 0 and found.get("state") == "learned"
        return ("done", _lesson(found)) if learned else ("failed", Lesson(found["message"]))
    lines = [line.strip() for line in complained.splitlines() if line.strip()]
    if not lines or code == 0:
        return "failed", Lesson(f"The process that learns ended without a word (exit status {code}).")
    return "failed", Lesson(lines[-1].removeprefix("Error: "))


def _whole(digits: str) -> int:
    return int(digits.replace(",", ""))


def _last_object(said: str) -> dict[str, Any] | None:
    lines = said.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _lesson(found: dict[str, Any]) -> Lesson:
    acts, report = found.get("acts"), found.get("report")
    return Lesson(
        found["message"],
        acts=acts if isinstance(acts, bool) else None,
        promise=_promise(found.get("promised")),
        report=report if isinstance(report, str) else None,
    )


def _promise(found: Any) -> Promise | None:
    if not isinstance(found, dict):
        return None
    given = [found.get(each.name) for each in fields(Promise)]
    numbers = [value for value in given if isinstance(value, int | float)]
    if len(numbers) < len(given):
        return None
    share, confidence, limit, selects, lost = numbers
    return Promise(share, confidence, limit, int(selects), int(lost))
