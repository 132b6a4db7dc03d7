"""The stand-in's rules of Info.lua, of the plug-in's environment, of shutdown, buttons and LOC."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.host import Host
from plugin.tiny import forbidden, plugin, tiny, within

DIALOGS = "local LrDialogs, LrView = import 'LrDialogs', import 'LrView' local view = LrView.osFactory() "


SHUTDOWN = "LrShutdownPlugin = 'Down.lua', "


@pytest.mark.parametrize("source", ["import 'LrTasks'.sleep(1)", "import 'LrDialogs'.message('bye')"])
def test_rule_25_shutdown_scripts_neither_wait_nor_show(tmp_path: Path, source: str) -> None:
    """They only flip flags."""
    host = tiny(tmp_path, SHUTDOWN, Down=source)
    with pytest.raises(Exception, match="shutdown script failed"):
        host.quit()


def test_rule_25_lightroom_waits_for_done(tmp_path: Path) -> None:
    """LrShutdownApp must call it."""
    script = "return { LrShutdownFunction = function(done) %s end }"
    host = tiny(tmp_path, "LrShutdownApp = 'App.lua', ", App=script % "")
    with pytest.raises(Exception, match="never called done"):
        host.quit()
    host = tiny(tmp_path, "LrShutdownApp = 'App.lua', ", App=script % "done()")
    host.quit()
    host.check()


@pytest.mark.parametrize(("action", "fine"), [("fields.x = 2", True), ("import 'LrTasks'.sleep(1)", False)])
def test_rule_25_the_action_of_a_button_may_not_wait(tmp_path: Path, action: str, fine: bool) -> None:
    """It may change fields, and start a task."""
    host = tiny(tmp_path)
    host.answer_dialog("Fields", "ok", press=["Reset"])
    button = f"view:push_button {{ title = 'Reset', action = function() {action} end }}"
    body = "local fields = import 'LrBinding'.makePropertyTable(context) fields.x = 1 "
    body += f"LrDialogs.presentModalDialog {{ title = 'Fields', contents = view:column {{ {button} }} }} "
    body += "return fields.x"
    if fine:
        assert host.lua_task(DIALOGS + within(body)) == 2
        host.check()
    else:
        with pytest.raises(Exception, match="wait from within a task"):
            host.lua_task(DIALOGS + within(body))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("print('x')", "no global"),
        ("setfenv(1, {})", "no global"),
        ("coroutine.yield()", "no global"),
        ("utf8.char(1)", "no global"),
        ("thing = 1", "an accidental global"),
        ("return thing", "no global"),
        ("getmetatable(import 'LrApplication'.activeCatalog())", "getmetatable is refused"),
        ("package.loaded.Json = nil", "cannot be changed"),
        ("require 'Nowhere'", "has no module"),
        ("require '../secret'", "has no module"),
    ],
)
def test_rule_26_what_the_environment_lacks(tmp_path: Path, source: str, why: str) -> None:
    """Globals that Lightroom does not have, or that are written by accident."""
    forbidden(tiny(tmp_path), source, why)


@pytest.mark.parametrize("name", ["getenv", "execute", "remove", "rename", "exit"])
def test_rule_26_os_is_clock_date_time_and_tmpname(tmp_path: Path, name: str) -> None:
    """The rest is missing, not forbidden."""
    assert tiny(tmp_path).lua_task(f"return os.{name} == nil") is True


def test_rule_26_modules_are_loaded_once(tmp_path: Path) -> None:
    """Until the plug-in is reloaded; then only saved values survive."""
    host = tiny(tmp_path, Count="local n = { n = 0 } return n")
    count = "local count = require 'Count' count.n = count.n + 1 return count.n"
    assert [host.lua_task(count), host.lua_task(count)] == [1, 2]
    host.reload_plugin()
    assert host.lua_task(count) == 1


def test_rule_26_old_tasks_outlive_a_reload(tmp_path: Path) -> None:
    """They continue with the modules that they had; only quitting ends them."""
    host = tiny(tmp_path, Flag="return { up = false }")
    host.lua_now("local f = require 'Flag' import 'LrTasks'.startAsyncTask(function() while true do "
                 "import 'LrTasks'.sleep(1) if f.up then error('old') end end end)")  # fmt: skip
    host.run_for(5)
    host.reload_plugin()
    host.lua_task("require('Flag').up = true")
    host.run_for(5)
    assert len(host.tasks) == 1
    host.quit()
    assert host.tasks == []
    host.check()


@pytest.mark.parametrize("entry", ["X = tostring(1), ", "X = import 'LrTasks', ", "X = os.time(), "])
def test_rule_27_info_has_loc_and_literals_only(tmp_path: Path, entry: str) -> None:
    """No logic."""
    with pytest.raises(Exception, match="may use LOC alone"):
        tiny(tmp_path, entry)


@pytest.mark.parametrize(
    ("info", "why"),
    [
        ("LrInitPlugin = 'Init.lua', ", "Init.lua, which is not there"),
        ("LrHelpMenuItems = { title = 'x', file = 'Help.lua' }, ", "Help.lua, which is not there"),
        ("LrHelpMenuItems = { title = 'x', file = 'MenuGo.lua', enabledWhen = 'always' }, ", "enabledWhen"),
        ("VERSION = { major = 1, build = '7' }, ", "must be a whole number"),
        ("LrPluginDescription = 'x', ", "unknown keys"),
    ],
)
def test_rule_28_what_keeps_a_plugin_from_loading(tmp_path: Path, info: str, why: str) -> None:
    """Missing files, wrong types, unknown keys."""
    with pytest.raises(AssertionError, match=why):
        tiny(tmp_path, info)


def test_rule_28_a_forced_init_needs_a_menu_item(tmp_path: Path) -> None:
    """Without one Lightroom does not run it."""
    folder = plugin(tmp_path, Info="return { LrSdkVersion = 14, LrToolkitIdentifier = 'a.b', "
                   "LrPluginName = 'x', "
                   "LrInitPlugin = 'MenuGo.lua', LrForceInitPlugin = true }")  # fmt: skip
    with pytest.raises(AssertionError, match="only with a menu item"):
        Host(folder, tmp_path).load()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("return LOC 'plain'", "needs"),
        ("return LOC('$$$/A/B=^1', nil, {})", "argument 1"),
        ("return LOC '$$$/A/B=^Z'", "no escape"),
    ],
)
def test_loc_is_strict(tmp_path: Path, source: str, why: str) -> None:
    """A key, a default, and texts or numbers as arguments."""
    forbidden(tiny(tmp_path), source, why)


def test_loc_fills_in_and_translates(tmp_path: Path) -> None:
    """Arguments in any order, in the language of the host."""
    folder = plugin(tmp_path)
    (folder / "TranslatedStrings_de.txt").write_text('"$$$/A/B=^2 von ^1"\n', "utf-8")
    for language, expected in (("en", "1 of 2"), ("de", "2 von 1")):
        host = Host(folder, tmp_path, language=language)
        host.load()
        assert host.lua_task("return LOC('$$$/A/B=^1 of ^2', 1, '2')") == expected
