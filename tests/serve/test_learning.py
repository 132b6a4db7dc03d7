"""What a process that learns says: taken as it is where it is whole, and put into words where it is not."""

from __future__ import annotations

import json

import pytest

from autocull.serve.learning import Lesson, lesson_of

WHOLE = {"message": "Learned.", "promise": "At most 2 %.", "acts": True, "report": "/home/z/mine.html"}


def test_the_last_line_counts() -> None:
    """Whatever is printed before it; other keys are for other readers."""
    said = "measuring\n" + json.dumps({**WHOLE, "figures": {"recall": 0.9}}) + "\n\n"
    assert lesson_of(0, said, "a warning") == ("done", Lesson(**WHOLE))


@pytest.mark.parametrize("missing", ["promise", "acts", "report"])
def test_what_is_missing_or_no_such_thing_is_not_known(missing: str) -> None:
    """The sentence alone must be there."""
    wanted = Lesson(**{**WHOLE, missing: None})
    for wrong in ({}, {missing: None}, {missing: 3}, {missing: ["x"]}):
        given = {name: value for name, value in WHOLE.items() if name != missing} | wrong
        assert lesson_of(0, json.dumps(given), "") == ("done", wanted)


@pytest.mark.parametrize("said", ["", "\n", "text", "[1]", "{}", '{"message": 3}', '{"message": "cut'])
def test_a_process_that_says_nothing_has_failed(said: str) -> None:
    """Success without a word is not believed."""
    state, lesson = lesson_of(0, said, "")
    assert state == "failed"
    assert "without saying what it learned" in lesson.message


def test_a_failure_is_told_in_its_own_last_words() -> None:
    """As the command line says it; without any, by its exit status."""
    complained = "a warning\nError: There are 12 decisions; 200 are needed.\n\n"
    assert lesson_of(1, json.dumps(WHOLE), complained) == (
        "failed",
        Lesson("There are 12 decisions; 200 are needed."),
    )
    assert lesson_of(-9, "", " \n") == (
        "failed",
        Lesson("The process that learns ended by itself (exit status -9)."),
    )
