"""Shapes of the daemon's answers: what may be written to a catalog passes, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.pure import Modules, read

MODULES = Modules()
SCHEMA = MODULES["ResponseSchema"]

RESULT: dict[str, Any] = {
    "number": 7,
    "id": "A-1",
    "verdict": "reject",
    "rating": 1,
    "label": "red",
    "flag": -1,
    "score": 0.12,
    "reasons": [{"code": "eyes_closed", "measured": 0.03, "limit": 0.2, "text": "…"}],
    "focus": {"subject_sharp": 0.9, "kind": "sharp"},
    "eyes": "closed",
    "category": "people",
    "model": "3f2a91c0",
    "source": "file",
}
JOB: dict[str, Any] = {
    "id": "a1b2",
    "state": "running",
    "total": 10,
    "done": 3,
    "rate": 8.1,
    "seconds_left": None,
}


def checked(check: str, value: Any, *more: Any) -> Any:
    """What a check of the schema gives back."""
    return read(SCHEMA[check.encode()](MODULES.table(value), *more))


def without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    """The value without some of its fields, as after a null."""
    return {name: each for name, each in value.items() if name not in names}


def test_a_result_passes_as_it_is() -> None:
    """Nothing of a good result is lost."""
    assert checked("result", RESULT) == RESULT


def test_marks_that_are_not_set_have_one_form() -> None:
    """Null stars, no label and no flag become the forms that the plan knows."""
    found = checked("result", without(RESULT, "rating", "label", "flag", "score", "focus", "eyes", "reasons"))
    assert (found["rating"], found["label"], found["flag"]) == (0, "none", 0)


def test_an_unreadable_photo_passes_with_its_error() -> None:
    """It has no verdict, and says why."""
    error = {"code": "damaged", "message": "The file ends early."}
    assert checked("result", {"number": 1, "id": "a", "error": error})["error"] == error


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "delete"},
        {"rating": 6},
        {"rating": -1},
        {"rating": 2.5},
        {"rating": "3"},
        {"label": "pink"},
        {"flag": 2},
        {"flag": 0.5},
        {"score": 1.2},
        {"score": "high"},
        {"reasons": "eyes"},
        {"reasons": [{"measured": 1}]},
        {"reasons": [{"code": "noise", "limit": "much"}]},
        {"reasons": ["noise"]},
        {"focus": 0.9},
        {"focus": {"subject_sharp": 9}},
        {"eyes": 1},
        {"category": True},
        {"model": 3},
        {"id": 5},
        {"number": -1},
    ],
    ids=str,
)
def test_a_result_out_of_shape_is_refused(wrong: dict[str, Any]) -> None:
    """No value out of its range may come near a catalog."""
    found, why = checked("result", RESULT | wrong)
    assert found is None
    assert why


def test_neither_a_verdict_nor_an_error_is_refused() -> None:
    """A photo is judged or unreadable; silence is neither."""
    assert checked("result", {"number": 1, "id": "a"})[0] is None
    assert read(SCHEMA.result(b"text"))[0] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "../x"},
        {"id": ""},
        {"id": "a b"},
        {"state": "odd"},
        {"total": -1},
        {"done": 1.5},
        {"rate": "fast"},
    ],
    ids=str,
)
def test_a_job_out_of_shape_is_refused(wrong: dict[str, Any]) -> None:
    """An id that would change the path of a request is none."""
    assert checked("job", JOB)["done"] == 3
    assert checked("job", JOB | wrong)[0] is None


@pytest.mark.parametrize(
    "page",
    [
        {"results": [1], "next": 5, "complete": False},
        {"results": [], "next": 4, "complete": False},
        {"results": [], "next": 5, "complete": 1},
        {"results": 3, "next": 6, "complete": True},
        {"next": 6, "complete": True},
    ],
    ids=str,
)
def test_a_page_that_would_never_end_is_refused(page: dict[str, Any]) -> None:
    """Paging goes forward or stops; it does not run in a circle in Lightroom's only thread."""
    assert checked("page", page, b"results", 5)[0] is None


def test_a_page_goes_on_after_what_was_read() -> None:
    """An empty page may stay where it is; a full one goes on."""
    for results, following in (([], 5), ([1, 2], 7)):
        assert checked("page", {"results": results, "next": following, "complete": False}, b"results", 5)


def test_an_entry_knows_cleared_stars_from_stars_that_were_not_written() -> None:
    """Null on one side is no stars; null on both is a mark that undo must not touch."""
    given = {"id": "a", "before": {"label": "none"}, "after": {"rating": 3, "label": "green"}}
    found = checked("journalEntry", given)
    assert found == given | {"before": {"rating": 0, "label": "none"}}
    flags = {"id": "a", "before": {"flag": 0}, "after": {"flag": 1}}
    assert checked("journalEntry", flags) == flags


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "a", "before": {}},
        {"id": 1, "before": {}, "after": {}},
        {"id": "a", "before": {"rating": 9}, "after": {}},
        {"id": "a", "before": {}, "after": {"label": "Kunde"}},
        {"id": "a", "before": {"flag": "x"}, "after": {}},
    ],
    ids=str,
)
def test_an_entry_out_of_shape_is_refused(entry: dict[str, Any]) -> None:
    """What undo writes is checked like what a run writes; a label of hers is any text."""
    assert checked("journalEntry", entry)[0] is None
    assert checked("journalEntry", {"id": "a", "before": {"label": "Kunde"}, "after": {"label": "red"}})
