"""What a process that learns says: taken as it is where it is whole, and put into words where it is not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autocull.serve.learnings.model import LearningResult, ReportedHarmBound, parse_progress, parse_result

PROMISE = {"share": 0.02, "confidence": 0.95, "limit": 0.013, "selects": 130, "lost": 1}
WHOLE = {
    "state": "learned", "message": "Learned.", "acts": True, "promise": "At most 2 %.", "promised": PROMISE,
    "report": "/home/z/mine.html",
}  # fmt: skip
LESSON = LearningResult("Learned.", True, ReportedHarmBound(0.02, 0.95, 0.013, 130, 1), "/home/z/mine.html")


def test_the_last_line_counts() -> None:
    """Whatever is printed before it; other keys are for other readers."""
    said = "measuring\n" + json.dumps({**WHOLE, "figures": {"recall": 0.9}}) + "\n\n"
    assert parse_result(0, said, "a warning") == ("done", LESSON)


@pytest.mark.parametrize("missing", ["promised", "acts", "report"])
@pytest.mark.parametrize("wrong", [{}, None, 3, ["x"]], ids=str)
def test_what_is_missing_or_no_such_thing_is_not_known(missing: str, wrong: object) -> None:
    """The sentence alone must be there."""
    given = {name: value for name, value in WHOLE.items() if name != missing}
    given |= {} if wrong == {} else {missing: wrong}
    assert parse_result(0, json.dumps(given), "") == (
        "done",
        replace(LESSON, **{missing.replace("promised", "promise"): None}),
    )


def test_a_promise_without_its_numbers_is_none() -> None:
    """Half a promise is not passed on."""
    for name in PROMISE:
        promise = {**PROMISE, name: "some"}
        _, lesson = parse_result(0, json.dumps({**WHOLE, "promised": promise}), "")
        assert lesson.harm_bound is None


@pytest.mark.parametrize("said", ["", "\n", "text", "[1]", "{}", '{"message": 3}', '{"message": "cut'])
def test_a_process_that_says_nothing_has_failed(said: str) -> None:
    """Success without a word is not believed, whatever it complained of."""
    state, lesson = parse_result(0, said, "a warning")
    assert state == "failed"
    assert lesson.message == "The process that learns ended without a word (exit status 0)."


def test_that_nothing_was_learned_is_said_in_its_own_words() -> None:
    """Too few decisions are no crash: the sentence says what is missing."""
    said = json.dumps({"state": "nothing_learned", "message": "There are 12 decisions.", "acts": False})
    assert parse_result(1, said, "50 of 100 photos") == ("failed", LearningResult("There are 12 decisions."))
    assert parse_result(0, said, "") == ("failed", LearningResult("There are 12 decisions."))
    assert parse_result(1, json.dumps(WHOLE), "") == ("failed", LearningResult("Learned."))


def test_a_failure_is_told_in_its_own_last_words() -> None:
    """As the command line says it; without any, by its exit status."""
    complained = "a warning\nError: The model is missing.\n\n"
    assert parse_result(3, "", complained) == ("failed", LearningResult("The model is missing."))
    nothing = LearningResult("The process that learns ended without a word (exit status -9).")
    assert parse_result(-9, "", " \n") == ("failed", nothing)


@pytest.mark.parametrize(
    ("line", "measured"),
    [
        ("50 of 100 photos · 2.0 photos/s\n", (50, 100)),
        ("1,000 of 12,400 photos · starting", (1000, 12400)),
        ("0 of 0 photos", (0, 0)),
        ("Error: 50 of 100 photos", None),
        ("50 of all photos", None),
        ("", None),
    ],
)
def test_progress_is_read(line: str, measured: tuple[int, int] | None) -> None:
    """As the command line writes it where nobody looks."""
    assert parse_progress(line) == measured
