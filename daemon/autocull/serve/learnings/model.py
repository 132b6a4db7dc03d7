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


class LearningDecision(NamedTuple):
    """A photo that she decided on: its path as the catalog wrote it, and its shoot where one is known."""

    path: str
    shoot: str | None
    decision: Literal["select", "reject"]


@dataclass(frozen=True, slots=True)
class ReportedHarmBound:
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
class LearningResult:
    """What the process that learns said at its end: a sentence, and where it learned something, the rest.

    `acts` says whether the taste may decide, and `report` is the path of the report in pictures.
    """

    message: str
    acts: bool | None = None
    harm_bound: ReportedHarmBound | None = None
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
    result: LearningResult | None = None

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.state in LIVE


def parse_progress(line: str) -> tuple[int, int] | None:
    """Read a line of progress: "50 of 2,400 photos · …"; None where it is something else."""
    match = _PROGRESS.match(line)
    return None if match is None else (_parse_count(match[1]), _parse_count(match[2]))


def parse_result(exit_status: int, stdout: str, stderr: str) -> tuple[LearningState, LearningResult]:
    """Read what the process said: the JSON object of its last line, or else its complaint.

    `exit_status` is its exit status, `stdout` its standard output, `stderr` the end of its standard error.
    """
    content = _parse_last_line(stdout)
    if content is not None and isinstance(content.get("message"), str):
        succeeded = exit_status == 0 and content.get("state") == "learned"
        return (
            ("done", _parse_learning_result(content))
            if succeeded
            else ("failed", LearningResult(content["message"]))
        )
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if not lines or exit_status == 0:
        return "failed", LearningResult(
            f"The process that learns ended without a word (exit status {exit_status})."
        )
    return "failed", LearningResult(lines[-1].removeprefix("Error: "))


def _parse_count(digits: str) -> int:
    return int(digits.replace(",", ""))


def _parse_last_line(stdout: str) -> dict[str, Any] | None:
    lines = stdout.strip().splitlines()
    try:
        value = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _parse_learning_result(content: dict[str, Any]) -> LearningResult:
    acts, report = content.get("acts"), content.get("report")
    return LearningResult(
        content["message"],
        acts=acts if isinstance(acts, bool) else None,
        harm_bound=_parse_harm_bound(content.get("promised")),
        report=report if isinstance(report, str) else None,
    )


def _parse_harm_bound(content: Any) -> ReportedHarmBound | None:
    if not isinstance(content, dict):
        return None
    values = [content.get(each.name) for each in fields(ReportedHarmBound)]
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(values):
        return None
    share, confidence, limit, selects, lost = numbers
    return ReportedHarmBound(share, confidence, limit, int(selects), int(lost))
