"""The output of the training process: its result, its error message, and its progress."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autocull.errors import LearningError, Problem
from autocull.learn import nothing_learned_to_json
from autocull.learn.decisions import DecisionSet
from autocull.serve.learnings.model import LearningResult, ReportedHarmBound, parse_progress, parse_result

HARM_BOUND = {"share": 0.02, "confidence": 0.95, "limit": 0.013, "selects": 130, "lost": 1}
CONTENT = {
    "state": "learned", "message": "Learned.", "acts": True, "promise": "At most 2 %.",
    "promised": HARM_BOUND, "report": "/home/z/mine.html",
}  # fmt: skip
RESULT = LearningResult(
    "Learned.",
    acts=True,
    harm_bound=ReportedHarmBound(0.02, 0.95, 0.013, 130, 1),
    report="/home/z/mine.html",
)


def failure(message: str, code: str = "failed", **parameters: str | float) -> tuple[str, LearningResult]:
    """Return the state and result of a process that learned nothing."""
    return "failed", LearningResult(message, Problem(code, message, parameters))


def test_result_is_the_last_line() -> None:
    """Earlier lines and unknown keys are ignored."""
    stdout = "measuring\n" + json.dumps({**CONTENT, "figures": {"recall": 0.9}}) + "\n\n"
    assert parse_result(0, stdout, "a warning") == ("done", RESULT)


@pytest.mark.parametrize("missing", ["promised", "acts", "report"])
@pytest.mark.parametrize("wrong", [{}, None, 3, ["x"]], ids=str)
def test_missing_or_invalid_values_are_none(missing: str, wrong: object) -> None:
    """Only the message is required."""
    content = {name: value for name, value in CONTENT.items() if name != missing}
    content |= {} if wrong == {} else {missing: wrong}
    assert parse_result(0, json.dumps(content), "") == (
        "done",
        replace(RESULT, **{missing.replace("promised", "harm_bound"): None}),
    )


def test_incomplete_harm_bound_is_none() -> None:
    """No part of it is passed on."""
    for name in HARM_BOUND:
        harm_bound = {**HARM_BOUND, name: "some"}
        _, result = parse_result(0, json.dumps({**CONTENT, "promised": harm_bound}), "")
        assert result.harm_bound is None


@pytest.mark.parametrize("stdout", ["", "\n", "text", "[1]", "{}", '{"message": 3}', '{"message": "cut'])
def test_process_without_a_result_has_failed(stdout: str) -> None:
    """Even with exit status 0, and with warnings on standard error."""
    state, result = parse_result(0, stdout, "a warning")
    assert state == "failed"
    assert result.message == "The learning process ended without a message (exit status 0)."


def test_nothing_learned_has_the_message_of_the_process() -> None:
    """Too few decisions are no crash: the message has the number that is missing."""
    stdout = json.dumps({"state": "nothing_learned", "message": "There are 12 decisions.", "acts": False})
    assert parse_result(1, stdout, "50 of 100 photos") == failure("There are 12 decisions.")
    assert parse_result(0, stdout, "") == failure("There are 12 decisions.")
    assert parse_result(1, json.dumps(CONTENT), "") == failure("Learned.")


def test_nothing_learned_has_code_and_parameters_of_the_process() -> None:
    """Values of another type than the protocol's are left out."""
    error = LearningError("Too few.", code="too_few_shoots", parameters={"shoots": 2, "needed_shoots": 3})
    content = nothing_learned_to_json("mine", error, DecisionSet("file", []))
    assert parse_result(1, json.dumps(content), "") == failure(
        "Too few.", "too_few_shoots", shoots=2, needed_shoots=3
    )
    content |= {"code": 7, "parameters": {"shoots": [], "share": 0.5, "name": "a"}}
    assert parse_result(1, json.dumps(content), "") == failure("Too few.", share=0.5, name="a")
    assert parse_result(1, json.dumps(content | {"parameters": "x"}), "") == failure("Too few.")


def test_failure_has_the_last_line_of_standard_error() -> None:
    """Or else the exit status."""
    stderr = "a warning\nError: The model is missing.\n\n"
    assert parse_result(3, "", stderr) == failure("The model is missing.")
    nothing = "The learning process ended without a message (exit status -9)."
    assert parse_result(-9, "", " \n") == failure(nothing, "ended", status=-9)


@pytest.mark.parametrize(
    ("line", "measured"),
    [
        ('{"done": 50, "total": 2400, "rate": 2.0, "seconds_left": 1175.0}\n', (50, 2400)),
        ('{"done": 0, "total": 0}', (0, 0)),
        ('{"done": 5, "total": 4}', None),
        ('{"done": -1, "total": 4}', None),
        ('{"done": true, "total": 4}', None),
        ('{"done": "1", "total": 4}', None),
        ('{"done": 1}', None),
        ("[1, 2]", None),
        ("[" * 100_000, None),
        ('{"done": 1, "tot', None),
        ("50 of 100 photos · 2.0 photos/s", None),
        ("Error: The model is missing.", None),
        ("", None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_progress_is_parsed(line: str, measured: tuple[int, int] | None) -> None:
    """Other lines are no progress."""
    assert parse_progress(line) == measured
