"""The stand-in's rules of the write gates (6 to 11)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.tiny import CATALOG, PHOTO, forbidden, gate, private, refused, tiny

MAKING = "catalog:createCollection('Keep', nil, true)"


@pytest.mark.parametrize(
    "source",
    [
        PHOTO + "photo:setRawMetadata('rating', 3)",
        PHOTO + "photo:setPropertyForPlugin(_PLUGIN, 'notes', 'x')",
        CATALOG + "catalog:createCollection('Keep')",
        CATALOG + "catalog:createCollectionSet('Autocull')",
        CATALOG + "catalog:createKeyword('People', {}, true, nil, true)",
        CATALOG + "catalog:setPropertyForPlugin(_PLUGIN, 'mark', 1)",
    ],
)
def test_rule_6_no_write_without_a_gate(tmp_path: Path, source: str) -> None:
    """Every write needs a gate."""
    forbidden(tiny(tmp_path), source, "inside a withWriteAccessDo gate")


def test_rule_6_photos_are_added_in_a_gate_alone(tmp_path: Path) -> None:
    """addPhotos and addKeyword need one too, on objects from an earlier gate."""
    host = tiny(tmp_path)
    code = PHOTO + "local made, word catalog:withWriteAccessDo('Go', function() made = " + MAKING
    code += " word = catalog:createKeyword('People', {}, true, nil, true) end, { timeout = 5 }) "
    forbidden(host, code + "made:addPhotos { photo }", "addPhotos must be called inside")
    forbidden(host, code + "photo:addKeyword(word)", "addKeyword must be called inside")


@pytest.mark.parametrize(
    "body", ["photo:setRawMetadata('rating', 3)", "catalog:createKeyword('x', {}, true)"]
)
def test_rule_7_the_private_gate_is_not_enough(tmp_path: Path, body: str) -> None:
    """Marks, keywords and collections need the full gate."""
    forbidden(tiny(tmp_path), private(body), "not allowed with private write access")


def test_rule_7_the_private_gate_takes_custom_fields(tmp_path: Path) -> None:
    """Fields of a photo and of the catalog may be written, without an undo step."""
    host = tiny(tmp_path)
    body = (
        "photo:setPropertyForPlugin(_PLUGIN, 'notes', 'ä') catalog:setPropertyForPlugin(_PLUGIN, 'mark', 7)"
    )
    assert host.lua_task(private(body)) == "executed"
    assert host.catalog.photos[0].property("notes") == "ä"
    assert host.catalog.properties == {"mark": 7}
    assert host.undo_steps == []
    host.check()


def test_rule_8_gates_do_not_nest(tmp_path: Path) -> None:
    """A gate of either kind inside a gate."""
    forbidden(tiny(tmp_path), gate("catalog:withPrivateWriteAccessDo(function() end, {timeout=5})"), "nest")


def test_rule_8_a_busy_catalog_raises_at_once_without_a_timeout(tmp_path: Path) -> None:
    """The plug-in may catch that."""
    host = tiny(tmp_path)
    host.catalog.hold_gate(60)
    refused(host, gate("photo:setRawMetadata('rating', 3)", "nil"), "blocked by another write access call")
    assert host.now < 1


def test_rule_8_a_busy_catalog_aborts_without_an_error(tmp_path: Path) -> None:
    """After the timeout; the callback is called, and nothing was written."""
    host = tiny(tmp_path)
    host.catalog.hold_gate(60)
    options = "{ timeout = 30, callback = function() called = true end }"
    source = gate("photo:setRawMetadata('rating', 5)", options).replace("return ", "local status = ")
    assert host.lua_task("local called " + source + " return { status, called }") == ["aborted", True]
    assert 30 <= host.now < 31
    assert host.catalog.photos[0].rating == 2
    host.check()


def test_rule_8_a_gate_waits_for_the_gate_of_another_task(tmp_path: Path) -> None:
    """It is executed as soon as the other ends, within its timeout."""
    host = tiny(tmp_path)
    holding = "LrTasks.startAsyncTask(function() "
    holding += "catalog:withWriteAccessDo('Other', function() LrTasks.sleep(3) end, { timeout = 5 }) end) "
    source = CATALOG + holding + "LrTasks.sleep(1) "
    assert host.lua_task(source + gate("photo:setRawMetadata('rating', 5)")) == "executed"
    assert [each["name"] for each in host.gates] == ["Other", "Go"]
    assert 3 <= host.now < 4
    host.check()


def test_rule_9_what_gates_return(tmp_path: Path) -> None:
    """ "executed", and "queued" where it was called to return at once; the queued gate runs later."""
    host = tiny(tmp_path)
    assert host.lua_task(gate("photo:setRawMetadata('rating', 3)")) == "executed"
    waiting = "{ timeout = 5, asynchronous = true }"
    assert host.lua_task(gate("photo:setRawMetadata('rating', 4)", waiting)) == "queued"
    assert host.run()
    assert host.catalog.photos[0].rating == 4


@pytest.mark.parametrize(("button", "result"), [("ok", [True, "executed"]), ("cancel", [False])])
def test_rule_9_the_prolonged_gate_needs_confirmation(tmp_path: Path, button: str, result: list[Any]) -> None:
    """A boolean returns whether the user allowed it."""
    host = tiny(tmp_path)
    host.answer_dialog("Long", button)
    params = "{ title = 'Long', pluginName = 'Tiny', func = function(context, progress) end }"
    source = CATALOG + f"return {{ catalog:withProlongedWriteAccessDo({params}, {{ timeout = 5 }}) }}"
    assert host.lua_task(source) == result
    host.check()


def test_rule_10_an_error_undoes_the_whole_gate(tmp_path: Path) -> None:
    """Nothing of the gate stays, and its error is raised."""
    host = tiny(tmp_path)
    refused(host, gate("photo:setRawMetadata('rating', 5) error('bad luck')"), "bad luck")
    assert host.catalog.photos[0].rating == 2
    assert [each["status"] for each in host.gates] == ["rolled back"]
    assert host.undo_steps == []


def test_rule_10_one_protected_photo_does_not_undo_the_gate(tmp_path: Path) -> None:
    """LrTasks.pcall inside keeps the rest."""
    host = tiny(tmp_path)
    host.fail_write(host.catalog.photos[0], "locked")
    guarded = "LrTasks.pcall(function() photo:setRawMetadata('rating', 5) end) " * 2
    assert host.lua_task(gate(guarded)) == "executed"
    assert host.catalog.photos[0].rating == 5


def test_rule_11_writes_are_read_after_the_gate(tmp_path: Path) -> None:
    """A read inside returns the previous value."""
    host = tiny(tmp_path)
    source = (
        PHOTO + "local inside catalog:withWriteAccessDo('Go', function() photo:setRawMetadata('rating', 5) "
    )
    source += "inside = photo:getRawMetadata('rating') end, { timeout = 5 }) "
    assert host.lua_task(source + "return { inside, photo:getRawMetadata('rating') }") == [2, 5]


@pytest.mark.parametrize(
    "body",
    [
        MAKING + ":getName()",
        "return " + MAKING + ".localIdentifier",
        MAKING + ":getPhotos()",
        "catalog:createKeyword('x', {}, true):getName()",
    ],
)
def test_rule_11_created_objects_are_read_after_the_gate(tmp_path: Path, body: str) -> None:
    """Name, identifier and photos are not there yet."""
    forbidden(tiny(tmp_path), gate(body), "after it|read before the gate")


def test_rule_11_created_objects_can_be_filled_at_once(tmp_path: Path) -> None:
    """A collection in a set of the same gate takes photos, and a keyword goes onto a photo."""
    host = tiny(tmp_path)
    body = "local set = catalog:createCollectionSet('Autocull') "
    body += "local made = catalog:createCollection('Keep', set) "
    body += "made:addPhotos { photo } photo:addKeyword(catalog:createKeyword('People', {}, true))"
    assert host.lua_task(gate(body)) == "executed"
    assert host.catalog.collections == {"Autocull/Keep": host.catalog.photos}
    assert host.catalog.photos[0].keywords == ["People"]
    host.check()


@pytest.mark.parametrize(
    "question",
    ["getTargetPhotos()", "getAllPhotos()", "batchGetRawMetadata({photo}, {'path'})", "findPhotos({})"],
)
def test_rule_11_no_query_inside_a_gate(tmp_path: Path, question: str) -> None:
    """It hangs for ever on Windows."""
    forbidden(tiny(tmp_path), gate(f"catalog:{question}"), "deadlocks on Windows")


@pytest.mark.parametrize(("platform", "steps"), [("mac", ["Go"]), ("win", ["Go", "Go", "Go"])])
def test_undo_steps(tmp_path: Path, platform: Any, steps: list[str]) -> None:
    """macOS merges gates without input of the user between them; Windows has a step for each."""
    host = tiny(tmp_path, platform=platform)
    for _ in range(3):
        host.lua_task(gate("photo:setRawMetadata('rating', 3)"))
    assert host.undo_steps == steps
