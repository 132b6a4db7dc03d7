"""The stand-in's host as tests use it: dialogs, time, user input, restarts, and check()."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from plugin.dialogs import Dialog
from plugin.host import Host, LuaError
from plugin.observed import Scope
from plugin.tiny import CATALOG, CONTEXT, PHOTO, gate, plugin, tiny, within

DIALOG = """
local LrDialogs, LrView = import 'LrDialogs', import 'LrView'
local view, fields = LrView.osFactory(), import 'LrBinding'.makePropertyTable(context)
fields.kind, fields.on, fields.name = 'a', false, 'Ada'
local answer = LrDialogs.presentModalDialog { title = 'Form', actionVerb = 'Save', contents = view:column {
  bind_to_object = fields,
  view:static_text { title = LrView.bind { key = 'name', transform = function(v) return 'Dear ' .. v end } },
  view:popup_menu {
    value = LrView.bind 'kind', items = { { title = 'A', value = 'a' }, { title = 'B', value = 'b' } },
  },
  view:checkbox { title = 'On', value = LrView.bind 'on' },
  view:edit_field { value = LrView.bind 'name', enabled = LrView.bind 'on', immediate = true },
} }
return { answer, fields.kind, fields.on, fields.name }
"""


def form(host: Host) -> Any:
    """Show the form; return the button and the values of its fields."""
    return host.lua_task(within(DIALOG))


@pytest.mark.parametrize(("platform", "name"), [("mac", "Ada"), ("win", "Bea")])
def test_field_that_is_not_immediate_loses_what_was_typed(tmp_path: Path, platform: str, name: str) -> None:
    """On macOS it commits on Tab only, and a click on the button comes before."""
    host = tiny(tmp_path, platform=platform)
    host.answer_dialog("Dear Ada", "Save", {"on": True, "name": "Bea"})
    assert host.lua_task(within(DIALOG.replace(", immediate = true", "")))[3] == name


def test_dialog_is_read_and_filled_in(tmp_path: Path) -> None:
    """In the order of the values: a checkbox may enable a field; a button has a title and a name."""
    host = tiny(tmp_path)
    host.answer_dialog("Dear Ada", "Save", {"kind": "b", "on": True, "name": "Bea"})
    assert form(host) == ["ok", "b", True, "Bea"]
    assert host.dialogs[0].values == {"kind": "b", "on": True, "name": "Bea"}
    assert host.dialogs[0].texts[:2] == ["Form", "Dear Bea"]
    host.check()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"kind": "c"}, "does not offer c"),
        ({"name": "x"}, "not enabled"),
        ({"age": 3}, "no control is bound"),
    ],
)
def test_dialog_accepts_only_what_a_person_could_do(tmp_path: Path, values: dict[str, Any], why: str) -> None:
    """A value that the menu lacks, a disabled field, a missing field: the test is at fault."""
    host = tiny(tmp_path)
    host.answer_dialog("Form", "ok", values)
    with pytest.raises(AssertionError, match=why):
        form(host)


def test_unexpected_dialog_fails_the_test(tmp_path: Path) -> None:
    """A dialog needs an answer; a message closes by itself, and is recorded."""
    host = tiny(tmp_path)
    host.lua_task("import 'LrDialogs'.message('Done', 'all of it', 'info')")
    assert [(each.message, each.info, each.style, each.pressed) for each in host.dialogs] == [
        ("Done", "all of it", "info", "ok")
    ]
    with pytest.raises(AssertionError, match="no answer is prepared"):
        host.lua_task("return import 'LrDialogs'.confirm('Sure?')")


def test_answer_without_its_dialog_fails_the_test(tmp_path: Path) -> None:
    """What a test expects has to come."""
    host = tiny(tmp_path)
    host.answer_dialog("Sure", "cancel")
    with pytest.raises(AssertionError, match="no dialog came"):
        host.check()
    assert host.lua_task("return import 'LrDialogs'.confirm('Sure?', nil, 'Go')") == "cancel"
    host.check()


def test_other_tasks_continue_behind_a_dialog(tmp_path: Path) -> None:
    """It stays open as long as the test specifies."""
    host = tiny(tmp_path)
    shown: list[Dialog] = []
    host.answer_dialog("Sure", "ok", after=30, then=shown.append)
    source = (
        CATALOG
        + "local n = 0 LrTasks.startAsyncTask(function() for i = 1, 9 do LrTasks.sleep(1) n = i end end) "
    )
    assert host.lua_task(source + "import 'LrDialogs'.confirm('Sure?') return n") == 9
    assert [each.message for each in shown] == ["Sure?"]


def test_user_edits_right_before_a_gate(tmp_path: Path) -> None:
    """What was read before is stale then."""
    host = tiny(tmp_path)
    photo = host.catalog.photos[0]

    def edit(name: str) -> None:
        photo.rating, photo.label, photo.flag = 5, "blue", -1

    host.before_gate(edit)
    source = PHOTO + "local before = photo:getRawMetadata('rating') "
    source += "catalog:withWriteAccessDo('Go', function() end, { timeout = 5 }) "
    assert host.lua_task(source + "return { before, photo:getRawMetadata('rating') }") == [2, 5]
    assert photo.marks == (5, "blue", -1)


def test_files_of_photos_exist_as_the_test_specifies(tmp_path: Path) -> None:
    """Whatever is on the disk."""
    host = tiny(tmp_path)
    exists = "return import 'LrFileUtils'.exists('/shoot/1.NEF')"
    assert host.lua_task(exists) == "file"
    host.catalog.photos[0].lose_file()
    assert host.lua_task(exists) is False
    assert host.lua_task(PHOTO + "return photo:checkPhotoAvailability()") is False


def test_copies_share_the_file_of_their_master(tmp_path: Path) -> None:
    """Each has its own uuid and marks."""
    host = tiny(tmp_path)
    master = host.catalog.photos[0]
    copy = host.catalog.add_photo(master.path, copy_of=master)
    keys = "{ 'isVirtualCopy', 'countVirtualCopies', 'masterPhoto' }"
    source = (
        PHOTO + f"local f = catalog:batchGetRawMetadata(catalog:getTargetPhotos(), {keys}) local n = {{}} "
    )
    source += "for p, v in pairs(f) do "
    source += "n[p.localIdentifier] = tostring(v.isVirtualCopy) .. v.countVirtualCopies end "
    host.select([master, copy])
    assert host.lua_task(source + "return n") == ["false1", "true0"]
    assert master.uuid != copy.uuid


def test_metadata_key_outside_the_sdk_is_refused(tmp_path: Path) -> None:
    """A mistake in a test does not become a key of Lightroom's."""
    with pytest.raises(TypeError, match="importDate"):
        tiny(tmp_path).catalog.add_photo("/x.NEF", importDate=3)


@pytest.mark.parametrize("held", [True, False])
def test_thumbnail_arrives_while_the_request_is_referenced(tmp_path: Path, held: bool) -> None:
    """Bytes are unchanged; a request without a reference is dropped."""
    host = tiny(tmp_path)
    host.select([host.catalog.add_photo("/x.NEF", thumbnail=b"\xff\xd8\x00x")])
    hold = "local request = " if held else ""
    source = PHOTO + f"local size {hold}photo:requestJpegThumbnail(64, 64, function(data) size = #data end) "
    result = host.lua_task(source + "LrTasks.sleep(5) return { size or 0 }")
    assert result == [4 if held else 0]


def test_killed_host_loses_its_tasks_and_keeps_the_catalog(tmp_path: Path) -> None:
    """The gate that was open leaves no trace; preferences and earlier gates stay."""
    host = tiny(tmp_path)
    host.lua_task(gate("photo:setRawMetadata('rating', 4)"))
    host.lua_task("import 'LrPrefs'.prefsForPlugin().kept = 7")
    slow = gate("photo:setRawMetadata('rating', 1) LrTasks.sleep(60)")
    host.lua_now(f"import 'LrTasks'.startAsyncTask(function() {slow} end)")
    host.run_for(10)
    host.kill()
    host.load()
    assert host.tasks == []
    assert host.catalog.photos[0].rating == 4
    assert [each["status"] for each in host.gates] == ["executed", "lost"]
    assert host.prefs == {"kept": 7}
    assert host.lua_task(gate("photo:setRawMetadata('rating', 3)")) == "executed"
    host.check()


def test_commands_run_through_the_hook(tmp_path: Path) -> None:
    """A status at once, or a program that is waited for; without a hook the test fails."""
    host = tiny(tmp_path, platform="win")
    run = "return import 'LrTasks'.execute('program x')"
    with pytest.raises(AssertionError, match="no test expected a command: program x"):
        host.lua_task(run)
    host = Host(plugin(tmp_path), tmp_path, real_time=True, longest_sleep=0.05)
    host.load()
    host.on_execute = lambda command: 3
    assert host.lua_task(run) == 3
    host.on_execute = lambda command: subprocess.Popen([sys.executable, "-c", "raise SystemExit(5)"])
    assert host.lua_task(run) == 5
    assert host.programs.commands == ["program x"] * 2


def test_run_returns_whether_the_condition_was_reached(tmp_path: Path) -> None:
    """A background loop never ends; a condition that is never reached fails the test."""
    host = tiny(tmp_path)
    host.lua_now(
        "import 'LrTasks'.startAsyncTask(function() while true do import 'LrTasks'.sleep(20) end end)"
    )
    assert host.run(at_most_s=300) is False
    assert host.now == pytest.approx(300)
    assert host.run(until=lambda: host.now > 350) is True
    with pytest.raises(AssertionError, match="did not come to that"):
        host.run(until=lambda: False, at_most_s=60)


def test_error_of_a_hook_is_raised_unchanged(tmp_path: Path) -> None:
    """A plug-in that catches it does not hide it."""
    host = tiny(tmp_path)

    def fail(name: str) -> None:
        raise ZeroDivisionError(name)

    host.before_gate(fail)
    with pytest.raises(ZeroDivisionError, match="Go"):
        host.lua_task(PHOTO + "LrTasks.pcall(function() " + gate("") + " end)")


def test_objects_of_a_task_outlive_it(tmp_path: Path) -> None:
    """Progress bars can be read after their task and its coroutine are gone."""
    host = tiny(tmp_path)
    shown: list[Scope] = []
    host.cancel_progress(lambda scope: bool(shown.append(scope)))
    body = "local s = import 'LrProgressScope' { title = 'bar', functionContext = context } "
    body += "s:setCancelable(true) s:setPortionComplete(1, 5) import 'LrTasks'.sleep(1)"
    for _ in range(20):
        host.lua_task(within(body))
    host.bridge.lua.eval("collectgarbage")()
    assert {scope.title for scope in shown} == {"bar"}


def test_windows_paths_are_parsed_as_windows_does(tmp_path: Path) -> None:
    """Backslashes and shares there; elsewhere a backslash is an ordinary character."""
    host = tiny(tmp_path, platform="win")
    source = "local P = import 'LrPathUtils' return { P.child('C:\\\\Users\\\\Ada', 'x.json'), "
    source += "P.leafName('\\\\\\\\nas\\\\shoot\\\\1.NEF'), P.parent('C:\\\\a\\\\b'), "
    source += "P.extension('C:\\\\a.b\\\\c') }"
    assert host.lua_task(source) == ["C:\\Users\\Ada\\x.json", "1.NEF", "C:\\a", ""]


def test_failing_lua_raises_its_error(tmp_path: Path) -> None:
    """A piece of Lua that fails raises the reason."""
    host = tiny(tmp_path)
    assert host.lua_task("return nil") is None
    with pytest.raises(LuaError, match="nonsense"):
        host.lua_task(CONTEXT + "error('nonsense')")
