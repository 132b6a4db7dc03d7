"""What she decided, from her own marks: a flag, else stars, else that she passed over; never from ours."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.pure import Modules, read

MODULES = Modules()
PICK, REJECT, BARE, STARS = {"flag": 1}, {"flag": -1}, {}, {"rating": 3}
OURS_REJECT = {"flag": -1, "label": "red", "written": {"flag": -1, "label": "red"}}
OURS_PICK = {"flag": 1, "rating": 3, "written": {"flag": 1, "rating": 3}}


def decided(*folder: dict[str, Any]) -> list[str | None]:
    """The decisions on the photos of a folder."""
    marks = [{"rating": 0, "label": "none", "flag": 0, **each} for each in folder]
    return [each or None for each in read(MODULES["DecisionRules"].among(MODULES.table(marks)))]


@pytest.mark.parametrize(
    ("folder", "wanted"),
    [
        pytest.param([PICK, REJECT, BARE], ["select", "reject", None], id="flags of both kinds"),
        pytest.param([PICK, BARE, BARE], ["select", "reject", "reject"], id="picks alone: passed over"),
        pytest.param([REJECT, BARE], ["reject", None], id="rejects alone"),
        pytest.param([STARS, BARE], ["select", "reject"], id="stars alone"),
        pytest.param([PICK, STARS], ["select", "reject"], id="where there are flags, stars do not choose"),
        pytest.param([BARE, BARE], [None, None], id="nothing"),
        pytest.param([OURS_PICK, OURS_REJECT, BARE], [None, None, None], id="marks of ours"),
        pytest.param([PICK, OURS_REJECT], ["select", None], id="she may have left ours as they are"),
        pytest.param([{**OURS_REJECT, "flag": 1}, REJECT], ["select", "reject"], id="ours, changed by her"),
        pytest.param([{**OURS_PICK, "rating": 5}, BARE], ["select", "reject"], id="her stars over ours"),
    ],
)
def test_her_marks_decide(folder: list[dict[str, Any]], wanted: list[str | None]) -> None:
    """By the rules of `autocull learn`."""
    assert decided(*folder) == wanted


def test_one_pick_in_passing_is_no_culling() -> None:
    """In a folder of many photos, a single pick says nothing of the others."""
    assert decided(PICK, *[BARE] * 99).count("reject") == 99
    assert decided(PICK, *[BARE] * 100).count("reject") == 0
