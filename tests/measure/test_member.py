"""The order in which the ensemble's members speak."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError
from itertools import permutations
from typing import Any

import pytest

from autocull.measure.member import Detector, sort_by_needs
from autocull.read import Photo


def voice(name: str, *needs: str) -> Detector:
    """Make a member that says only its name."""

    class Voice:
        version = "1"

        def measure(self, photo: Photo, parts: Mapping[str, Any]) -> str:
            return name

    Voice.name = name  # type: ignore[attr-defined]
    Voice.needs = needs  # type: ignore[attr-defined]
    return Voice()  # type: ignore[return-value]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_each_member_comes_after_those_it_needs(order: tuple[int, ...]) -> None:
    """However the members are listed, nobody speaks before those it wants to hear."""
    members = [voice("faces"), voice("eyes", "faces"), voice("focus", "faces", "eyes")]
    assert [member.name for member in sort_by_needs([members[i] for i in order])] == [
        "faces",
        "eyes",
        "focus",
    ]


def test_members_that_wait_for_each_other_are_refused() -> None:
    """A circle of needs is a mistake in the house, and says so."""
    with pytest.raises(CycleError):
        sort_by_needs([voice("a", "b"), voice("b", "a")])


def test_a_need_that_nobody_fulfils_is_refused() -> None:
    """A member cannot be left without what it asked for."""
    with pytest.raises(KeyError, match="faces"):
        sort_by_needs([voice("eyes", "faces")])
