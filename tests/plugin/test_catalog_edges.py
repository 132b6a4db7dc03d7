"""Reading and writing the catalog, the log, and one run at a time: each module by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import shoot

MEGABYTE = 1024 * 1024


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """Lightroom with the plug-in loaded."""
    host = Host(PLUGIN, tmp_path)
    host.load()
    yield host
    host.check()


READ = """
  local LrFunctionContext = import 'LrFunctionContext'
  return LrFunctionContext.callWithContext('reading', function(context)
    local Reader = require 'CatalogReader'
    local place = require('Thumbnails').new(nil)
    local photos = import('LrApplication').activeCatalog():getTargetPhotos()
    local items, skipped = Reader.read(
      photos, false, place, Reader.newSkipped(), require('FilePresence').checker()
    )
    local found = {}
    for index, item in ipairs(items) do
      found[index] = { path = item.path, id = item.id, marks = item.marks, fallback = item.fallback }
    end
    return { items = found, skipped = skipped }
  end)
"""


def items(host: Host) -> list[dict[str, Any]]:
    """What is read of the selection."""
    result = host.lua_task(READ)
    return list(result["items"] or [])


def gate(host: Host, body: str, options: str = "nil") -> Any:
    """Run a gate and return its error, or True."""
    source = f"""
      local ok, err = require('CatalogWriter').gate('Try', function() {body} end, {options})
      return ok or err
    """
    return host.lua_task(source)


# -- reading ---------------------------------------------------------------------------------------------


def test_marks_are_read_in_one_form(host: Host, tmp_path: Path) -> None:
    """No stars are 0, no label is "none", and a custom label is its text."""
    bare, marked, custom = shoot(host, tmp_path, 3)
    marked.rating, marked.label, marked.flag, custom.label = 4, "blue", -1, "Kunde"
    assert [item["marks"] for item in items(host)] == [
        {"rating": 0, "label": "none", "labelText": "", "flag": 0},
        {"rating": 4, "label": "blue", "labelText": "Blue", "flag": -1},
        {"rating": 0, "label": "Kunde", "labelText": "Kunde", "flag": 0},
    ]
    assert [item["id"] for item in items(host)] == [bare.uuid, marked.uuid, custom.uuid]


def test_colours_are_read_in_any_label_set(host: Host, tmp_path: Path) -> None:
    """A German label set calls red Rot: it is still red, and not a custom label."""
    host.catalog.label_set = {"red": "Rot"}
    [photo] = shoot(host, tmp_path, 1)
    photo.label = "red"
    assert items(host)[0]["marks"]["label"] == "red"


def test_photos_are_read_in_batches_and_not_one_by_one(host: Host, tmp_path: Path) -> None:
    """Three queries for any number of photos."""
    shoot(host, tmp_path, 30)
    items(host)
    assert [query["count"] for query in host.queries if query["what"] != "getTargetPhotos"] == [30, 30, 30]


def test_unsupported_key_does_not_affect_other_keys(host: Host, tmp_path: Path) -> None:
    """An older host refuses the whole batch for it: the photos are then read one by one, without it."""
    [photo] = shoot(host, tmp_path, 1)
    photo.rating = 2
    host.lua.RAW_KEYS["exposureBias"] = None
    [item] = items(host)
    assert item["path"] == photo.path
    assert item["marks"]["rating"] == 2
    assert any("one by one" in text for _, _, text in host.log)


def test_invalid_written_field_counts_as_not_written(host: Host, tmp_path: Path) -> None:
    """Another plug-in version, a damaged catalog: marks then count as user-set, which is the safe side."""
    [photo] = shoot(host, tmp_path, 1)
    for text, written in (("{", None), ("[1]", None), ('{"rating":"x","flag":1}', {"flag": 1})):
        photo._record.fields["written"] = host.bridge.into(text)
        assert items(host)[0]["marks"].get("written") == written


def test_no_previews_are_requested_after_three_failures(host: Host) -> None:
    """A host that renders none would take long for each of a thousand missing files."""
    photos = [host.catalog.add_photo(f"/gone/{number}.NEF", exists=False) for number in range(10)]
    host.select(photos)
    assert items(host) == []
    request = [query for query in host.queries if query["what"] == "requestJpegThumbnail"]
    assert len(request) == 3


# -- writing ---------------------------------------------------------------------------------------------


def test_gate_returns_whether_it_was_executed(host: Host) -> None:
    """True only where the host returned "executed"."""
    assert gate(host, "") is True
    host.catalog.hold_gate(10_000)
    assert gate(host, "error 'never'")["code"] == "busy"
    assert [each["status"] for each in host.gates] == ["executed", "aborted", "aborted", "aborted"]


def test_error_inside_a_gate_is_returned_without_a_retry(host: Host, tmp_path: Path) -> None:
    """It was rolled back; a second try would only fail again."""
    [photo] = shoot(host, tmp_path, 1)
    err = gate(
        host,
        "local photo = import('LrApplication').activeCatalog() "
        "rawset(_G, 'TRIES', (rawget(_G, 'TRIES') or 0) + 1) error('it broke')",
    )
    assert err["code"] == "refused"
    assert "it broke" in err["message"]
    assert host.lua_now("return TRIES") == 1
    assert photo.rating is None


def test_gate_is_not_retried_after_a_cancel(host: Host) -> None:
    """A cancel while the catalog is busy ends after the current try."""
    host.catalog.hold_gate(10_000)
    assert gate(host, "", "{ stop = function() return true end }")["code"] == "cancelled"
    assert len(host.gates) == 1


def test_gate_is_not_opened_if_before_fails(host: Host) -> None:
    """No journal, no gate."""
    err = gate(host, "", "{ before = function() return nil, { code = 'no_journal' } end }")
    assert err == {"code": "no_journal"}
    assert host.gates == []


def test_catalog_keeps_its_id(host: Host) -> None:
    """Created once, in a private gate, which adds no step to the undo history; also after a wait."""
    source = "return require('CatalogId').of(import('LrApplication').activeCatalog())"
    host.catalog.hold_gate(40)
    first = host.lua_task(source)
    assert len(first) == 32
    host.quit()
    host.load()
    assert host.lua_task(source) == first
    assert host.undo_steps == []


def test_busy_catalog_gets_no_id(host: Host) -> None:
    """A run without it could not be undone."""
    host.catalog.hold_gate(10_000)
    source = (
        "local id, err = require('CatalogId').of(import('LrApplication').activeCatalog()) return err.code"
    )
    assert host.lua_task(source) == "busy"


# -- the log ---------------------------------------------------------------------------------------------


def test_log_is_written_to_the_home_folder_and_to_lightrooms_log(host: Host, tmp_path: Path) -> None:
    """Every level, with the time; the folder is created where there is none."""
    host.lua_now("local Log = require 'Log' Log.info('ä one') Log.warn('two') Log.error('three')")
    lines = (tmp_path / ".autocull" / "plugin.log").read_text("utf-8").splitlines()
    assert [line.split(" ", 2)[2] for line in lines[-3:]] == ["info ä one", "warning two", "error three"]
    assert [(name, level) for name, level, _ in host.log[-3:]] == [
        ("Autocull", "info"),
        ("Autocull", "warn"),
        ("Autocull", "error"),
    ]


def test_log_is_rotated_at_a_megabyte(host: Host, tmp_path: Path) -> None:
    """One previous file is kept, and no more."""
    folder = tmp_path / ".autocull"
    folder.mkdir(exist_ok=True)
    for old in ("first", "second"):
        (folder / "plugin.log").write_text(old * MEGABYTE, "utf-8")
        host.lua_now("require('Log').info('after')")
    assert (folder / "plugin.log").read_text("utf-8").endswith("info after\n")
    assert (folder / "plugin.log").stat().st_size < 100
    assert (folder / "plugin.log.1").read_text("utf-8") == "second" * MEGABYTE


def test_log_that_cannot_be_written_stops_nothing(host: Host, tmp_path: Path) -> None:
    """Lightroom's own log still gets the entry."""
    folder = tmp_path / ".autocull"
    folder.mkdir(exist_ok=True)
    (folder / "plugin.log").unlink(missing_ok=True)
    (folder / "plugin.log").mkdir()
    host.lua_now("require('Log').info('still here')")
    assert host.log[-1][2] == "still here"


# -- one run at a time -----------------------------------------------------------------------------------

CLAIM = """
  local LrFunctionContext, LrTasks = import 'LrFunctionContext', import 'LrTasks'
  local RunLock = require 'RunLock'
  local found = {}
  local function run(what, seconds, fails)
    LrFunctionContext.postAsyncTaskWithContext(what, function(context)
      found[#found + 1] = what .. ' ' .. tostring(RunLock.acquire(context, what))
      local waited, shouldStop = 0, RunLock.stopCondition()
      while waited < seconds and not shouldStop() do
        LrTasks.sleep(1)
        waited = waited + 1
      end
      if fails then import('LrErrors').throwCanceled() end
    end)
    LrTasks.sleep(0.5)
  end
"""


def test_run_lock_is_released_however_a_run_ends(host: Host) -> None:
    """Also after an error: later runs are not locked out."""
    source = (
        "run('user', 3) run('user', 0) LrTasks.sleep(5) run('user', 0, true) LrTasks.sleep(1) run('user', 0)"
    )
    result = host.lua_task(f"{CLAIM} {source} return found")
    assert result == ["user true", "user false", "user true", "user true"]
    host.run()


def test_run_without_a_sign_of_life_is_replaced(host: Host) -> None:
    """After a minute, by the user's next run and never by the import watch; it ends if it ever goes on."""
    source = """
      local ended
      LrFunctionContext.postAsyncTaskWithContext('hangs', function(context)
        assert(RunLock.acquire(context, 'user'))
        local shouldStop = RunLock.stopCondition()
        LrTasks.sleep(90)
        ended = shouldStop()
      end)
      LrTasks.sleep(50) run('user', 0) LrTasks.sleep(15) run('import', 0) run('user', 60)
      LrTasks.sleep(40) run('user', 0)
    """
    result = host.lua_task(f"{CLAIM} {source} return {{ found, ended }}")
    assert result == [["user false", "import false", "user true", "user false"], True]
    host.run()


def test_import_yields_to_a_user_and_not_vice_versa(host: Host) -> None:
    """The import is signalled to stop, and the user's run waits until it did."""
    source = "run('import', 60) run('user', 60) LrTasks.sleep(5) run('import', 1)"
    result = host.lua_task(f"{CLAIM} {source} return found")
    assert result == ["import true", "user true", "import false"]
    host.run()
