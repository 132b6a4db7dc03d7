"""The stand-in's rules of photos, their metadata and searches (5, 12 to 19, 29)."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.host import LuaError
from plugin.tiny import CATALOG, PHOTO, forbidden, gate, refused, tiny

RECENT = "criteria = 'touchTime', operation = 'inLast', value = 2, value_units = 'days'"


def find(criterion: str) -> str:
    """Lua that counts what findPhotos finds for one criterion."""
    return CATALOG + f"return #catalog:findPhotos {{ searchDesc = {{ {criterion} }} }}"


def test_rule_5_all_photos_in_a_plain_pcall(tmp_path: Path) -> None:
    """What Lightroom hides as an empty list can be had here too; by default it is a violation."""
    host = tiny(tmp_path)
    request = CATALOG + "local _, found = pcall(function() return catalog:getAllPhotos() end) return #found"
    host.knob("emptyInPcall", True)
    assert host.lua_task(request) == 0
    host.knob("emptyInPcall", False)
    host.lua_task(request)
    assert "Yielding is not allowed" in host.violations[0]


@pytest.mark.parametrize(
    "read",
    [
        "photo:getRawMetadata('fileName')",
        "photo:getFormattedMetadata('uuid')",
        "catalog:batchGetRawMetadata({ photo }, { 'path', 'label' })",
        "catalog:batchGetFormattedMetadata({ photo }, { 'label', 'path' })",
    ],
)
def test_rule_12_one_unknown_key_fails_the_read(tmp_path: Path, read: str) -> None:
    """Alone as in a batch; a plug-in may catch it."""
    refused(tiny(tmp_path), PHOTO + read, 'Unknown key: "')


def test_rule_12_a_batch_is_keyed_by_photo(tmp_path: Path) -> None:
    """The keys of the result are the objects, and formatted and raw values differ."""
    host = tiny(tmp_path)
    raw = PHOTO + "return catalog:batchGetRawMetadata({ photo }, { 'path', 'rating', 'pickStatus' })[photo]"
    assert host.lua_task(raw) == {"path": "/shoot/1.NEF", "rating": 2, "pickStatus": 0}
    formatted = PHOTO + "return catalog:batchGetFormattedMetadata({ photo }, { 'title', 'fileName' })[photo]"
    assert host.lua_task(formatted) == {"title": "Bride", "fileName": "1.NEF"}


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (
            "'dateTimeOriginal', 1",
            'LrPhoto:setRawMetadata: unknown metadata key "dateTimeOriginal"',
        ),  # rule 13
        ("'keywords', {}", 'unknown metadata key "keywords"'),
        ("'rating', 0", "Invalid rating: 0"),  # rule 14
        ("'rating', 6", "Invalid rating: 6"),
        ("'rating', 2.5", "Invalid rating: 2.5"),
        ("'rating', '3'", "Invalid rating: 3"),
        ("'pickStatus', 2", "Invalid value for pickStatus: 2"),  # rule 15
        ("'pickStatus', nil", "Invalid value for pickStatus: nil"),
        ("'colorNameForLabel', nil", "Invalid value for colorNameForLabel"),  # rule 16
    ],
)
def test_rules_13_to_16_what_may_be_written(tmp_path: Path, write: str, why: str) -> None:
    """A key or a value that Lightroom refuses raises inside the gate, and nothing is written."""
    host = tiny(tmp_path)
    refused(host, gate(f"photo:setRawMetadata({write})"), why)
    assert host.catalog.photos[0].marks == (2, "none", 0)


@pytest.mark.parametrize(
    ("write", "colour", "label"),
    [
        ("'RED'", "red", "Rot"),
        ("'none'", "gray", ""),
        ("'To print'", "other", "To print"),
        ("'blue'", "blue", "Blue"),
    ],
)
def test_rule_16_label_colours(tmp_path: Path, write: str, colour: str, label: str) -> None:
    """Any case; the text is that of the label set; an unknown name is a text of its own without colour."""
    host = tiny(tmp_path)
    host.catalog.label_set = {"red": "Rot"}
    host.lua_task(gate(f"photo:setRawMetadata('colorNameForLabel', {write})"))
    read = "return { photo:getRawMetadata('colorNameForLabel'), photo:getFormattedMetadata('label') }"
    assert host.lua_task(PHOTO + read) == [colour, label]


def test_rule_16_a_label_is_a_text_whose_colour_the_label_set_gives(tmp_path: Path) -> None:
    """After the set is switched the text stays and has no colour; some localized hosts show none at all."""
    host = tiny(tmp_path)
    host.lua_task(gate("photo:setRawMetadata('colorNameForLabel', 'red')"))
    read = PHOTO + "return { photo:getRawMetadata('colorNameForLabel'), photo:getFormattedMetadata('label') }"
    host.catalog.label_set = {"red": "Rot"}
    assert host.lua_task(read) == ["other", "Red"]
    host.lua_task(gate("photo:setRawMetadata('label', 'Rot')"))
    assert host.lua_task(read) == ["red", "Rot"]
    host.knob("labelsReadGray", value=True)
    host.knob("otherLabel", "gray")
    assert host.lua_task(read) == ["gray", "Rot"]
    map_ = "return import('LrApplication').activeCatalog():getLabelMapToColorName()"
    assert host.lua_task(map_)["Rot"] == "red"


def test_rule_31_photos_in_a_collapsed_stack_cannot_be_selected(tmp_path: Path) -> None:
    """Selection and filmstrip have the top only, which names the others; an open stack hides none."""
    host = tiny(tmp_path)
    first = host.catalog.photos[0]
    stacked = [first, host.catalog.add_photo("/shoot/2.NEF"), host.catalog.add_photo("/shoot/3.NEF")]
    host.catalog.stack(stacked)
    count = "return #import('LrApplication').activeCatalog():getTargetPhotos()"
    for selection in (stacked, []):
        host.select(selection)
        assert host.lua_task(count) == 1
    host.select([first])
    keys = ("photo:getRawMetadata 'stackInFolderIsCollapsed'", "#photo:getRawMetadata 'stackInFolderMembers'")
    assert [host.lua_task(f"{PHOTO} return {key}") for key in keys] == [True, 3]
    host.catalog.stack(stacked, collapsed=False)
    host.select(stacked)
    assert host.lua_task(count) == 3


def test_rule_32_an_exact_search_for_a_text_of_the_plugin_never_returns(tmp_path: Path) -> None:
    """The way of the shipped plug-ins returns."""
    host = tiny(tmp_path)
    for operation, value2 in (("any", ", value2 = ''"), ("==", "")):
        search = (
            "return #import('LrApplication').activeCatalog():findPhotos { searchDesc = { criteria = "
            f"'sdktext:' .. _PLUGIN.id .. '.score', operation = '{operation}', value = 'x'{value2} }} }}"
        )
        if operation == "any":
            assert host.lua_task(search) == 0
        else:
            with pytest.raises(LuaError, match="would hang"):
                host.lua_task(search)


@pytest.mark.parametrize(("name", "rewritten"), [("1.JPG", True), ("2.DNG", True), ("3.NEF", False)])
def test_marks_in_files_change_jpeg_tiff_and_dng(tmp_path: Path, name: str, rewritten: bool) -> None:
    """Where the catalog writes changes into XMP; a raw file gets a sidecar."""
    host = tiny(tmp_path)
    host.knob("writesXmp", value=True)
    path = tmp_path / name
    path.write_bytes(b"photo")
    host.select([host.catalog.add_photo(path)])
    host.lua_task(
        "local catalog = import('LrApplication').activeCatalog() local photo = catalog:getTargetPhoto() "
        "catalog:withWriteAccessDo('mark', function() photo:setRawMetadata('rating', 3) end, { timeout = 5 })"
    )
    assert (path.read_bytes() != b"photo") is rewritten


@pytest.mark.parametrize(
    ("write", "why"),
    [
        ("_PLUGIN, 'mood', 'x'", "that's not declared in Info.lua"),
        ("'test.tiny', 'notes', 'x'", "_PLUGIN is needed"),
        ("_PLUGIN, 'notes', 3", "must be a string or nil"),
        ("_PLUGIN, 'verdict', 'perhaps'", "is no value of the field"),
        ("_PLUGIN, 'score', ('x'):rep(512)", "longer than 511 bytes"),
    ],
)
def test_rule_17_custom_fields(tmp_path: Path, write: str, why: str) -> None:
    """What a field does not take raises."""
    refused(tiny(tmp_path), gate(f"photo:setPropertyForPlugin({write})"), why)


@pytest.mark.parametrize("arguments", ["_PLUGIN, { photo }, { 'score' }", "{ photo }, _PLUGIN, { 'score' }"])
def test_rule_18_the_order_of_the_batch(tmp_path: Path, arguments: str) -> None:
    """Photos, the id as a text, fields: any other order never returns."""
    forbidden(tiny(tmp_path), PHOTO + f"catalog:batchGetPropertyForPlugin({arguments})", "never returns")


@pytest.mark.parametrize(
    ("criterion", "why"),
    [
        ("criteria = 'importDate', operation = 'today'", "no criterion"),
        (
            "criteria = 'touchTime', operation = '>=', value = '2026-01-01'",
            'operation ">=" is none for touchTime',
        ),
        ("criteria = 'rating', operation = 'any', value = 3", 'operation "any" is none for rating'),
        (RECENT.replace("days", "moons"), "value_units"),
        ("criteria = 'sdktext:test.tiny.notes', operation = '==', value = 'x'", "not declared as searchable"),
    ],
)
def test_rule_19_a_search_that_would_hang(tmp_path: Path, criterion: str, why: str) -> None:
    """A violation is raised where Lightroom would never return."""
    forbidden(tiny(tmp_path), find(criterion), why)


@pytest.mark.parametrize(
    ("criterion", "result"),
    [
        (RECENT, 1),
        (RECENT.replace("touchTime", "captureTime"), 0),
        ("criteria = 'captureTime', operation = '>', value = '2026-05-01T09:59:59'", 1),
        ("criteria = 'captureTime', operation = '>', value = '2026-05-01T09:59:59Z'", 0),
        ("criteria = 'rating', operation = '>=', value = 2", 1),
        ("combine = 'exclude', { criteria = 'rating', operation = '==', value = 2 }", 0),
        ("criteria = 'fileFormat', operation = '==', value = 'RAW'", 1),
    ],
)
def test_rule_19_what_a_search_finds(tmp_path: Path, criterion: str, result: int) -> None:
    """The photo was taken three days ago and imported now; a date with a zone finds nothing, silently."""
    host = tiny(tmp_path)
    assert host.lua_task(find(criterion)) == result
    host.check()


@pytest.mark.parametrize("search", ["criteria = 'rating', operation = '<', value = 3", "combine = 'exclude'"])
def test_large_catalog_must_not_be_scanned(tmp_path: Path, search: str) -> None:
    """A query that would return 500,000 photos is refused; a narrow one costs nothing."""
    host = tiny(tmp_path)
    host.catalog.size(500_000)
    assert host.lua_task(find(RECENT)) == 1
    forbidden(host, find(search), "500000 photos of the whole catalog")
    forbidden(host, CATALOG + "catalog:getAllPhotos()", "500000 photos")
    host.select([])
    forbidden(host, CATALOG + "catalog:getTargetPhotos()", "500000 photos")


def test_new_photos_are_numbered_after_the_old(tmp_path: Path) -> None:
    """One counter for all, or one for photos only where the test sets it."""
    host = tiny(tmp_path)
    host.catalog.size(500_000)
    assert host.catalog.add_photo("/card/2.NEF").id == 500_001
    host.knob("separateCounters", True)
    assert host.catalog.add_photo("/card/3.NEF").id == 500_001


def test_rule_29_no_selection_is_the_whole_filmstrip(tmp_path: Path) -> None:
    """Only the active photo distinguishes the two."""
    host = tiny(tmp_path)
    host.catalog.add_photo("/shoot/2.NEF")
    both = CATALOG + "return { #catalog:getTargetPhotos(), catalog:getTargetPhoto() ~= nil }"
    assert host.lua_task(both) == [1, True]
    host.select([])
    assert host.lua_task(both) == [2, False]


def test_removed_photo_has_no_metadata(tmp_path: Path) -> None:
    """A batch leaves it out; a write to it raises."""
    host = tiny(tmp_path)
    photo = host.catalog.photos[0]
    host.before_gate(lambda name: photo.vanish())
    refused(host, gate("photo:setRawMetadata('rating', 3)"), "no longer in the catalog")
    assert photo.rating == 2
    host = tiny(tmp_path)
    host.lua_now(PHOTO + "rawset(_G, 'held', photo)")
    host.catalog.photos[0].vanish()
    assert host.lua_task(CATALOG + "return catalog:batchGetRawMetadata({ held }, { 'path' })") == {}
    refused(host, "held:getRawMetadata('path')", "no longer in the catalog")
