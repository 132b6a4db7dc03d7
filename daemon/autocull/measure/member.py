"""The protocol of the ensemble's members, and the order in which they speak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any, ClassVar, Protocol

from autocull.read.photo import Photo


class Member(Protocol):
    """One voice of the ensemble: it measures one thing, and says which others it wants to hear first.

    A member loads its networks at its first photo, not when it is made.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]

    @property
    def version(self) -> str:
        """The version of the networks behind the answer."""
        ...

    def measure(self, photo: Photo, parts: Mapping[str, Any]) -> Any:
        """Measure `photo`; `parts` holds the answers of the members in `needs`, by name."""
        ...


def in_order(members: Sequence[Member]) -> list[Member]:
    """Sort members so that each comes after those it needs; raises CycleError where that cannot be."""
    by_name = {member.name: member for member in members}
    order = TopologicalSorter({member.name: member.needs for member in members}).static_order()
    return [by_name[name] for name in order]
