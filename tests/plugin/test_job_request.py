"""The request of a job: photos are valid in the protocol, whatever the catalog holds."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.pure import Modules

MODULES = Modules()
JOB, JSON = MODULES["JobRequest"], MODULES["Json"]


def sent(**marks: Any) -> str:
    """The JSON of one photo whose marks are unset but for `marks`."""
    item = {
        "id": "a",
        "path": "/shoot/1.NEF",
        "capture": {},
        "marks": {"rating": 0, "label": "none", "flag": 0, **marks},
    }
    text: bytes = JSON.encode(JOB.photos(MODULES.table([item])))
    return text.decode()


@pytest.mark.parametrize(
    ("rating", "expected"),
    [(0, '"rating":null'), (1, '"rating":1'), (5, '"rating":5')],
)
def test_stars_are_sent(rating: int, expected: str) -> None:
    """No stars are null."""
    assert expected in sent(rating=rating)


@pytest.mark.parametrize("rating", [-1, 6, 2.5])
def test_stars_outside_the_protocol_are_left_out(rating: float) -> None:
    """Bridge writes -1 for a reject: the daemon would refuse the whole batch for that one photo."""
    assert "rating" not in sent(rating=rating)


def test_label_too_long_for_the_protocol_is_left_out() -> None:
    """500 bytes are accepted, 501 are not."""
    assert '"label":"' + "x" * 500 + '"' in sent(label="x" * 500)
    assert "label" not in sent(label="x" * 501)


def test_unknown_values_are_left_out() -> None:
    """No fallback, no capture: no key."""
    assert sent() == '[{"id":"a","marks":{"flag":0,"label":"none","rating":null},"path":"/shoot/1.NEF"}]'
