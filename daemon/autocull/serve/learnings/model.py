"""A learning as data: decisions, state and result, and the parsing of the training process's output."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

from autocull.errors import Problem

LearningState = Literal["open", "running", "done", "failed", "cancelled"]
"""Open: more decisions may come. The last three are final."""

LIVE: tuple[LearningState, ...] = ("open", "running")
"""The states of a learning that has not ended."""


class LearningDecision(NamedTuple):
    """A decision of the photographer: the photo's `path` as the catalog has it, and its `shoot`."""

    path: str
    shoot: str | None
    decision: Literal["select", "reject"]


@dataclass(frozen=True, slots=True)
class ReportedHarmBound:
    """The harm bound of a taste as the process reported it.

    At most `share` (0-1) of the selects is lost, with `confidence` (0-1), if photos with a probability up to
    `limit` (0-1) are rejected. On held-out shoots `lost` of `selects` were.
    """

    share: float
    confidence: float
    limit: float
    selects: int
    lost: int


@dataclass(frozen=True, slots=True)
class LearningResult:
    """The result of the training process: a sentence and, if a taste was learned, the rest.

    `problem` is why nothing was learned, None if a taste was.
    `acts` is whether the taste may decide; `report` is the path of the HTML report.
    """

    message: str
    problem: Problem | None = None
    acts: bool | None = None
    harm_bound: ReportedHarmBound | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """The current state of one learning; `name` is the taste's, `created` in seconds since 1970.

    `measured` are the numbers of measured and of all photos; None before the process reported them.
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
        """Return whether the learning has not ended."""
        return self.state in LIVE


def parse_progress(line: str) -> tuple[int, int] | None:
    """Return measured and total photos of a line of `--progress json`; None for any other line."""
    content = _parse_object(line) or {}
    counts = content.get("done"), content.get("total")
    done, total = (count if type(count) is int else -1 for count in counts)
    return (done, total) if 0 <= done <= total else None


def parse_result(exit_status: int, stdout: str, stderr: str) -> tuple[LearningState, LearningResult]:
    """Parse the output of the training process: the JSON object in the last line, or else its error message.

    `exit_status` is its exit status, `stdout` its standard output, `stderr` the end of its standard error.
    """
    output_lines = stdout.strip().splitlines()
    content = _parse_object(output_lines[-1]) if output_lines else None
    if content is not None and isinstance(content.get("message"), str):
        succeeded = exit_status == 0 and content.get("state") == "learned"
        return ("done", _parse_learning_result(content)) if succeeded else ("failed", _parse_failure(content))
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if not lines or exit_status == 0:
        message = f"The learning process ended without a message (exit status {exit_status})."
        return "failed", LearningResult(message, Problem("ended", message, {"status": exit_status}))
    message = lines[-1].removeprefix("Error: ")
    return "failed", LearningResult(message, Problem("failed", message))


def _parse_failure(content: dict[str, Any]) -> LearningResult:
    """Return the result of a process that reports why it learned nothing."""
    message, code, parameters = content["message"], content.get("code"), content.get("parameters")
    usable = parameters if isinstance(parameters, dict) else {}
    named = {name: value for name, value in usable.items() if isinstance(value, str | int | float)}
    return LearningResult(message, Problem(code if isinstance(code, str) else "failed", message, named))


def _parse_object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
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
