"""*Compare this series*, *Next series*, *Previous series*: what is selected, and how it is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.catalog import Photo
from plugin.fake_daemon import FakeDaemon, series, verdict
from plugin.host import Host
from plugin.shoots import cull, menu, shoot

COMPARE, NEXT, PREVIOUS = "Compare this series", "Next series", "Previous series"
SIZES = (2, 1, 3)


def compare(photos: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A burst of two, a photo alone, and a burst of three."""
    revised = {}
    for id_, members in (("aaaaaaaaaaaa", photos[:2]), ("bbbbbbbbbbbb", photos[3:6])):
        for rank, photo in enumerate(members, 1):
            position = series(rank, len(members), members[0]["path"], id_=id_)
            revised[photo["id"]] = verdict(series=position)
    return revised


@pytest.fixture
def photos(host: Host, daemon: FakeDaemon, tmp_path: Path) -> list[Photo]:
    """Six photos after a run."""
    daemon.compare = compare
    result = shoot(host, tmp_path, sum(SIZES))
    cull(host)
    return result


def test_series_of_two_is_compared(host: Host, photos: list[Photo]) -> None:
    """The active photo stays the active one."""
    host.select([photos[1]])
    menu(host, COMPARE)
    assert host.selected == [photos[1], photos[0]]
    assert host.view == "compare"


def test_larger_series_is_surveyed(host: Host, photos: list[Photo]) -> None:
    """All of its frames, and no photo of another series."""
    host.select([photos[4]])
    menu(host, COMPARE)
    assert host.selected[0] == photos[4]
    assert set(host.selected) == set(photos[3:])
    assert host.view == "survey"


def test_photo_alone_is_named(host: Host, photos: list[Photo]) -> None:
    """Neither selection nor view change."""
    host.select([photos[2]])
    menu(host, COMPARE)
    assert host.bezels[-1] == "This photo is in no series"
    assert host.selected == [photos[2]]
    assert host.view == "grid"


def test_next_and_previous_series(host: Host, photos: list[Photo]) -> None:
    """In the order of the filmstrip, also from a selected series; photos alone are skipped."""
    host.select([photos[0]])
    menu(host, COMPARE)
    menu(host, NEXT)
    assert set(host.selected) == set(photos[3:])
    menu(host, NEXT)
    assert host.bezels[-1] == "There is no further series"
    menu(host, PREVIOUS)
    assert set(host.selected) == set(photos[:2])
    menu(host, PREVIOUS)
    assert host.bezels[-1] == "There is no further series"


def test_without_a_selection_it_begins_at_the_end(host: Host, photos: list[Photo]) -> None:
    """Next is the first series, previous the last one."""
    host.select([])
    menu(host, NEXT)
    assert set(host.selected) == set(photos[:2])
    host.select([])
    menu(host, PREVIOUS)
    assert set(host.selected) == set(photos[3:])


def test_no_job_is_started(host: Host, daemon: FakeDaemon, photos: list[Photo]) -> None:
    """The daemon gets no request, and the catalog no write."""
    requests, gates = len(daemon.requests), len(host.gates)
    host.select([photos[0]])
    for title in (COMPARE, NEXT, PREVIOUS):
        menu(host, title)
    assert (len(daemon.requests), len(host.gates)) == (requests, gates)
