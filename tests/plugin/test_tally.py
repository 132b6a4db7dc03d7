"""The tally: every photo is in one count, and no reject is without its reason."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plugin.pure import Modules, read

MODULES = Modules()
TALLY = MODULES["Tally"]

VERDICTS = st.sampled_from(["keep", "reject", "cannot_tell", None])
CODES = st.sampled_from(["eyes_closed", "noise", "too_dark"])


def result(verdict: str | None, *codes: str) -> dict[str, Any]:
    """A result as the schema lets it pass."""
    if verdict is None:
        return {"reasons": [], "error": {"message": "The file ends early."}}
    return {"verdict": verdict, "category": "people", "reasons": [{"code": code} for code in codes]}


def tally_of(results: list[dict[str, Any]], skipped: dict[str, int] | None = None) -> Any:
    """The tally of results, as Lua has it."""
    tally = TALLY.new(len(results), MODULES.table(skipped or {"videos": 0}))
    for number, each in enumerate(results):
        TALLY.add(
            tally,
            MODULES.table({"path": f"/a/{number}.jpg", "photo": f"photo {number}"}),
            MODULES.table(each),
        )
    return tally


@given(st.lists(st.builds(result, VERDICTS, CODES)))
def test_every_photo_is_counted_once(results: list[dict[str, Any]]) -> None:
    """Keep, reject, cannot tell and unreadable add up, and the reasons of rejects to the rejects."""
    found = read(tally_of(results))
    assert found["keep"] + found["reject"] + found["cannotTell"] + len(found["unreadable"]) == len(results)
    assert sum((found["reasons"] or {}).values()) == found["reject"]
    assert read(TALLY.answered(tally_of(results))) == len(results)


def test_a_reject_counts_under_its_gravest_reason() -> None:
    """The first reason is the gravest, and photos are listed for the collections by it."""
    found = read(
        tally_of([result("reject", "noise", "too_dark"), result("cannot_tell", "too_dark"), result(None)])
    )
    assert found["reasons"] == {"noise": 1}
    assert found["photos"]["reasons"] == {"noise": ["photo 0"]}
    assert found["photos"]["cannot_tell"] == ["photo 1"]
    assert found["photos"]["categories"] == {"people": ["photo 0", "photo 1"]}
    assert found["unreadable"] == [{"name": "/a/2.jpg", "message": "The file ends early."}]


def test_reasons_come_most_frequent_first_and_equals_by_name() -> None:
    """The report does not change its order from run to run."""
    rows = read(TALLY.byFrequency(MODULES.table({"noise": 2, "too_dark": 5, "eyes_closed": 2})))
    assert [(row["code"], row["count"]) for row in rows] == [
        ("too_dark", 5),
        ("eyes_closed", 2),
        ("noise", 2),
    ]


def test_the_skipped_are_summed() -> None:
    """All kinds of skipped photos count."""
    assert TALLY.skipped(tally_of([], {"videos": 2, "copies": 3, "missing": 1, "vanished": 0})) == 6
