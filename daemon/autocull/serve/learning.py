"""Learning a photographer's picks: what is asked, what became of it, and what the process said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

LearningState = Literal["open", "running", "done", "failed", "cancelled"]
"""Open: more decisions may come. The last three are ends."""

LIVE: tuple[LearningState, ...] = ("open", "running")


class Decided(NamedTuple):
    """A photo that she decided on: its path as the catalog wrote it, and its shoot where one is known."""

    path: str
    shoot: str | None
    decision: Literal["select", "reject"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the process that learns said at its end: a sentence, and where it learned something, the rest.

    `promise` says how many of her selects may be lost, `acts` whether the taste may decide, and `report` is
    the path of the report in pictures.
    """

    message: str
    promise: str | None = None
    acts: bool | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """One learning as it is now; `name` is the profile's, `created` seconds since 1970."""

    id: str
    name: str
    state: LearningState
    created: float
    decisions: int = 0
    selects: int = 0
    lesson: Lesson | None = None

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.state in LIVE


def lesson_of(code: int, said: str, complained: str) -> tuple[LearningState, Lesson]:
    """Read what the process said: the JSON object of its last line where it succeeded, else its complaint.

    `code` is its exit status, `said` and `complained` its standard output and error.
    """
    if code == 0:
        found = _last_object(said)
        if found is not None:
            return "done", found
        return "failed", Lesson("The process that learns ended without saying what it learned.")
    lines = [line.strip() for line in complained.splitlines() if line.strip()]
    if not lines:
        return "failed", Lesson(f"The process that learns ended by itself (exit status {code}).")
    return "failed", Lesson(lines[-1].removeprefix("Error: "))


def _last_object(said: str) -> Lesson | None:
    lines = said.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("message"), str):
        return None
    acts = found.get("acts")
    return Lesson(
        found["message"],
        promise=_text(found.get("promise")),
        acts=acts if isinstance(acts, bool) else None,
        report=_text(found.get("report")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
