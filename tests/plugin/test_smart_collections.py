"""*Show photos to review*: the set of smart collections, made once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autocull.judge import REASON_TEXTS
from plugin.catalog import Photo
from plugin.fake_daemon import FakeDaemon, series, verdict
from plugin.host import Host
from plugin.shoots import by_number, cull, menu, shoot

REVIEW = "Show photos to review"


def members(host: Host, name: str) -> list[Photo]:
    """The photos that a smart collection of the set finds now."""
    uuids = host.lua_task(
        f"""for _, set in ipairs(import 'LrApplication'.activeCatalog():getChildCollectionSets()) do
          for _, each in ipairs(set:getChildCollections()) do
            if each:getName() == {name!r} then
              local uuids = {{}}
              for index, photo in ipairs(each:getPhotos()) do uuids[index] = photo:getRawMetadata 'uuid' end
              return uuids
            end
          end
        end"""
    )
    return [photo for photo in host.catalog.photos if photo.uuid in uuids]


@pytest.fixture
def photos(host: Host, daemon: FakeDaemon, tmp_path: Path) -> list[Photo]:
    """Ten photos after a run: number 1 and 10 are rejected, 2 and 3 are doubtful, the others kept."""
    daemon.judge = by_number(rejects=2, doubts=2)
    result = shoot(host, tmp_path, 10)
    cull(host)
    host.select([])
    return result


def test_source_changes_to_what_is_open(host: Host, photos: list[Photo]) -> None:
    """Lightroom shows the doubtful photos alone."""
    menu(host, REVIEW)
    shown = host.lua_task("return #import 'LrApplication'.activeCatalog():getMultipleSelectedOrAllPhotos()")
    assert shown == 2
    assert members(host, "To review") == photos[1:3]


def test_collections_follow_verdict_and_reason(host: Host, photos: list[Photo]) -> None:
    """Picks, and each reject under its main reason."""
    menu(host, REVIEW)
    assert members(host, "Picks") == photos[3:9]
    assert members(host, "Reject: Eyes closed") == [photos[0], photos[9]]
    assert members(host, "Reject: Too dark") == []


def test_best_of_series_leaves_sets_out(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The first frame of a bracket is not better than the others."""

    def compare(sent: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        result = {}
        for number, photo in enumerate(sent):
            kind, rank = ("burst", number + 1) if number < 2 else ("bracket", number - 1)
            position = series(rank, 2, photo["path"], kind, f"{kind:_<12}"[:12])
            result[photo["id"]] = verdict(series=position)
        return result

    daemon.compare = compare
    frames = shoot(host, tmp_path, 4)
    cull(host)
    menu(host, REVIEW)
    assert members(host, "Best of series") == frames[:1]


def test_set_is_made_once(host: Host, photos: list[Photo]) -> None:
    """The second time nothing is written."""
    menu(host, REVIEW)
    gates = len(host.gates)
    names = host.catalog.collections
    rejecting = [text.name for text in REASON_TEXTS.values() if text.cause]
    assert len(names) == 3 + len(rejecting)
    assert {f"Autocull/Reject: {name}" for name in rejecting} < set(names)
    menu(host, REVIEW)
    assert len(host.gates) == gates
    assert host.catalog.collections.keys() == names.keys()


def test_busy_catalog_is_reported(host: Host, photos: list[Photo]) -> None:
    """Nothing is made, and the source stays."""
    host.catalog.hold_gate(1000)
    menu(host, REVIEW)
    assert "Lightroom was busy with something else" in host.dialogs[-1].text
    assert host.catalog.collection_sets == []


def test_names_are_german_in_a_german_lightroom(german_host: Host) -> None:
    """Found again by the same names."""
    menu(german_host, "Fotos zum Durchsehen anzeigen")
    assert "Autocull/Beste der Serie" in german_host.catalog.collections
    gates = len(german_host.gates)
    menu(german_host, "Fotos zum Durchsehen anzeigen")
    assert len(german_host.gates) == gates
