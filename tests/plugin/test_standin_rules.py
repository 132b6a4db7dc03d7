"""The stand-in's rules of objects and tasks; each test breaks one and expects a violation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugin import host as module
from plugin.host import LuaError
from plugin.tiny import CATALOG, CONTEXT, PHOTO, forbidden, refused, tiny, within


@pytest.mark.parametrize(
    "source",
    [
        "import 'LrFileUtils'.isDirectory('/')",
        "import 'LrFileUtils'.writeFile('/x', '')",
        "import 'LrStringUtils'.split('a,b')",
        "import 'LrApplication'.platform()",
        CATALOG + "catalog:getPreviousImport()",
        CATALOG + "catalog:getPhotoByLocalId(1)",
        PHOTO + "return photo.path",
        "import 'LrTasks'.wait(1)",
        "import 'LrProgressScope' { title = 'x' }:setTitle('y')",
        "import 'LrView'.osFactory():text_field { }",
        "import 'LrView'.osFactory():static_text { tilte = 'x' }",
        "import 'LrLogger'('x'):warning('y')",
    ],
)
def test_rule_1_only_members_of_the_sdk(tmp_path: Path, source: str) -> None:
    """What SDK 14 does not list does not exist, however plausible its name."""
    forbidden(tiny(tmp_path), source, "has no (member|property)")


def test_rule_1_members_are_not_replaced(tmp_path: Path) -> None:
    """Nothing can be put into an object or a namespace."""
    forbidden(tiny(tmp_path), PHOTO + "photo.rating = 3", "not writable")
    forbidden(tiny(tmp_path), "import 'LrTasks'.sleep = function() end", "not writable")


@pytest.mark.parametrize("name", ["LrCatalog", "LrPhoto", "LrKeyword", "LrUUID", "LrJson", "lrtasks"])
def test_rule_2_import_accepts_the_sdk_names_only(tmp_path: Path, name: str) -> None:
    """Object types and invented namespaces cannot be imported."""
    forbidden(tiny(tmp_path), f"import '{name}'", "there is no namespace")


@pytest.mark.parametrize(
    "source",
    [
        PHOTO + "photo:getRawMetadata('path')",
        CATALOG + "catalog:getAllPhotos()",
        CATALOG + "catalog:withWriteAccessDo('x', function() end, { timeout = 1 })",
        "import 'LrTasks'.sleep(1)",
        "import 'LrHttp'.get('http://127.0.0.1:1/ping')",
    ],
)
def test_rule_3_waiting_needs_a_task(tmp_path: Path, source: str) -> None:
    """A menu file runs outside of any task, and may only start one."""
    host = tiny(tmp_path)
    with pytest.raises(Exception, match="We can only wait from within a task"):
        host.lua_now(source)
    with pytest.raises(AssertionError, match="within a task"):
        host.check()


def test_rule_3_other_tasks_run_while_one_waits(tmp_path: Path) -> None:
    """A read lets another task run, which may change what was true before."""
    host = tiny(tmp_path)
    other = "local ran LrTasks.startAsyncTask(function() ran = true end) local before = ran "
    assert host.lua_task(PHOTO + other + "photo:getRawMetadata('path') return { before == nil, ran }") == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    "source",
    [
        "table.sort({ 3, 1, 2 }, function(a, b) LrTasks.yield() return a < b end)",
        "local s = 'abc' s:gsub('.', function() LrTasks.yield() end)",
        "local t = setmetatable({}, { __index = function() LrTasks.yield() end }) local x = t.y",
        "for x in function() LrTasks.yield() end do end",
        "table.foreach({ 1 }, function() LrTasks.yield() end)",
    ],
)
def test_rule_4_no_yield_across_a_call_of_c(tmp_path: Path, source: str) -> None:
    """Lua 5.1 itself refuses it."""
    refused(tiny(tmp_path), CATALOG + source, "attempt to yield across metamethod/C-call boundary")


@pytest.mark.parametrize("call", ["pcall", "xpcall"])
def test_rule_4_no_yield_in_a_plain_pcall(tmp_path: Path, call: str) -> None:
    """The pcall hides the error; the violation stays."""
    host = tiny(tmp_path)
    host.lua_task(PHOTO + f"{call}(function() photo:getRawMetadata('path') end, tostring)")
    with pytest.raises(AssertionError, match="Yielding is not allowed"):
        host.check()


def test_rule_4_no_yield_while_a_module_is_required(tmp_path: Path) -> None:
    """The chunk of a module runs in a C call."""
    host = tiny(tmp_path, Slow="import 'LrTasks'.yield() return {}")
    forbidden(host, "require 'Slow'", "Yielding is not allowed")


def test_rule_4_waiting_is_fine_in_the_protected_call_of_the_sdk(tmp_path: Path) -> None:
    """LrTasks.pcall allows yields, returns the results, and catches errors; nested too."""
    host = tiny(tmp_path)
    inner = "LrTasks.pcall(function(a) LrTasks.sleep(1) return a, photo:getRawMetadata('rating') end, 7)"
    assert host.lua_task(PHOTO + f"return {{ LrTasks.pcall(function() return {inner} end) }}") == [
        True,
        True,
        7,
        2,
    ]
    host.check()


@pytest.mark.parametrize(
    "use",
    [
        "import 'LrBinding'.makePropertyTable(kept)",
        "import 'LrProgressScope' { title = 'x', functionContext = kept }",
        "kept:addCleanupHandler(function() end)",
    ],
)
def test_rule_22_an_ended_context_is_of_no_use(tmp_path: Path, use: str) -> None:
    """A task that was queued inside callWithContext gets a dead one."""
    keeping = (
        CONTEXT + "local kept LrFunctionContext.callWithContext('x', function(context) kept = context end) "
    )
    forbidden(tiny(tmp_path), keeping + use, "has ended")


def test_rule_22_observers_are_called_for_changes_only(tmp_path: Path) -> None:
    """The same value again is not a change."""
    host = tiny(tmp_path)
    body = "local t, heard = import 'LrBinding'.makePropertyTable(context), 0 "
    body += "t:addObserver('x', function(_, key, value) heard = heard + value end) t.x = 1 t.x = 1 t.x = 4 "
    body += "return heard"
    assert host.lua_task(within(body)) == 5


def test_rule_22_handlers_run_however_the_function_ends(tmp_path: Path) -> None:
    """Cleanup after success and after failure; the failure handler only then; the last added first."""
    host = tiny(tmp_path)
    body = "context:addCleanupHandler(function(ok) order = order .. 'a' .. tostring(ok) end) "
    body += "context:addCleanupHandler(function() order = order .. 'b' end) "
    body += "context:addFailureHandler(function(ok, err) order = order .. 'f' end) import 'LrTasks'.sleep(1) "
    call = CONTEXT + "local order = '' LrFunctionContext.pcallWithContext('x', function(context) " + body
    assert host.lua_task(call + "end) return order") == "batrue"
    assert host.lua_task(call + "error('x') end) return order") == "fbafalse"


def test_rule_23_progress_stays_within_its_range(tmp_path: Path) -> None:
    """More than the total is a violation; done twice is not."""
    scope = "local scope = import 'LrProgressScope' { title = 'x', functionContext = context } "
    forbidden(tiny(tmp_path), within(scope + "scope:setPortionComplete(3, 2)"), "outside of 0 to the total")
    host = tiny(tmp_path)
    host.lua_task(
        within(scope + "scope:done() scope:done() scope:setCaption('y') scope:setPortionComplete(2, 2)")
    )
    host.check()


def test_rule_23_a_scope_that_stays_is_a_leak(tmp_path: Path) -> None:
    """Without a context and without done() it would stay for ever."""
    host = tiny(tmp_path)
    host.lua_task("import 'LrProgressScope' { title = 'stays' }")
    with pytest.raises(AssertionError, match=r"stays.*was left behind"):
        host.check()


def test_rule_23_a_context_ends_its_scopes_after_an_error(tmp_path: Path) -> None:
    """Which is why every scope gets one."""
    host = tiny(tmp_path)
    refused(
        host,
        within("import 'LrProgressScope' { title = 'x', functionContext = context } error('bad')"),
        "bad",
    )
    assert host.progress_scopes[0].is_done


@pytest.mark.parametrize(("cancelable", "canceled"), [("true", True), ("false", False)])
def test_rule_23_only_a_bar_with_a_cross_is_cancelled(
    tmp_path: Path, cancelable: str, canceled: bool
) -> None:
    """The user can press only what is shown."""
    host = tiny(tmp_path)
    host.cancel_progress(lambda scope: scope.done >= 2)
    body = "local s = import 'LrProgressScope' { title = 'x', functionContext = context } "
    body += f"s:setCancelable({cancelable}) s:setPortionComplete(1, 4) local before = s:isCanceled() "
    body += "s:setPortionComplete(2, 4) return { before, s:isCanceled() }"
    assert host.lua_task(within(body)) == [False, canceled]


def test_rule_24_tasks_are_queued(tmp_path: Path) -> None:
    """A task never runs inline, and the order may be the other one."""
    for order, expected in (("fifo", "0ab"), ("lifo", "0ba")):
        host = tiny(tmp_path)
        host.knob("order", order)
        source = CATALOG + "local o = '' LrTasks.startAsyncTask(function() o = o .. 'a' end) "
        source += "LrTasks.startAsyncTask(function() o = o .. 'b' end) o = o .. '0' LrTasks.sleep(1) return o"
        assert host.lua_task(source) == expected


def test_rule_24_sleeping_moves_the_clock(tmp_path: Path) -> None:
    """An hour costs nothing, and every clock of the host agrees."""
    host = tiny(tmp_path)
    source = "local LrDate, t = import 'LrDate', os.time() local d = LrDate.currentTime() "
    source += "import 'LrTasks'.sleep(3600) "
    source += (
        "return { LrDate.currentTime() - d, os.time() - t, LrDate.timeToUserFormat(d, '%Y-%m-%dT%H:%M:%S') }"
    )
    hour, unix, started = host.lua_task(source)
    assert hour == pytest.approx(3600)
    assert unix in (3600, 3601)
    assert started == "2026-05-04T10:00:00"


def test_rule_24_a_task_that_does_not_yield_is_stopped(tmp_path: Path) -> None:
    """Lightroom would freeze."""
    host = tiny(tmp_path)
    host.lua.limit = 200_000
    with pytest.raises(LuaError, match="without yielding"):
        host.lua_task("while true do end")
    assert host.steps > 200_000


def test_rule_24_an_error_in_a_task_is_not_lost(tmp_path: Path) -> None:
    """Whether it was started with a context or bare."""
    host = tiny(tmp_path)
    host.lua_now(
        "import 'LrFunctionContext'.postAsyncTaskWithContext('job', function() error('oh dear') end)"
    )
    host.run()
    with pytest.raises(AssertionError, match=r"job: .*oh dear"):
        host.check()


def test_rule_24_the_error_dialog_of_a_context_is_recorded(tmp_path: Path) -> None:
    """It is a dialog, and an error all the same."""
    host = tiny(tmp_path)
    attach = "import 'LrDialogs'.attachErrorDialogToFunctionContext(context) error('oh dear')"
    host.lua_now(
        f"import 'LrFunctionContext'.postAsyncTaskWithContext('job', function(context) {attach} end)"
    )
    host.run()
    assert [(each.kind, "oh dear" in each.text) for each in host.dialogs] == [("error", True)]
    host.check(errors=["oh dear"])


def test_every_rule_has_its_test() -> None:
    """Each rule of the table in host.py is broken by a test that names it; the 30th is of the sources."""
    rules = {int(number) for number in re.findall(r"^\| (\d+) \|", module.__doc__ or "", re.MULTILINE)}
    tested = {30}
    for path in Path(__file__).parent.glob("test_standin_*.py"):
        for first, last in re.findall(r"def test_rules?_(\d+)(?:_to_(\d+))?_", path.read_text("utf-8")):
            tested |= set(range(int(first), int(last or first) + 1))
    assert rules == tested == set(range(1, 33))
