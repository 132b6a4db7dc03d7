"""A plug-in of a few lines for the tests of the stand-in itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.host import Host, LuaError

INFO = """return {
  LrSdkVersion = 14.0, LrToolkitIdentifier = 'test.tiny', LrPluginName = LOC '$$$/Tiny/Name=Tiny',
  LrMetadataProvider = 'Fields.lua',
  LrLibraryMenuItems = { title = LOC '$$$/Tiny/Go=Go', file = 'MenuGo.lua' },%s
}"""
FIELDS = """return { schemaVersion = 1, metadataFieldsForPhotos = {
  { id = 'verdict', title = 'Verdict', dataType = 'enum', searchable = true, browsable = true,
    values = { { value = 'keep', title = 'Keep' }, { value = 'reject', title = 'Reject' } } },
  { id = 'score', title = 'Score', searchable = true },
  { id = 'notes', title = 'Notes' },
} }"""
MENU = "import 'LrTasks'.startAsyncTask(function() end)"
CATALOG = "local catalog = import 'LrApplication'.activeCatalog() local LrTasks = import 'LrTasks' "
PHOTO = CATALOG + "local photo = catalog:getTargetPhoto() "
CONTEXT = "local LrFunctionContext = import 'LrFunctionContext' "


def plugin(folder: Path, info: str = "", **files: str) -> Path:
    """Write a plug-in with further entries of Info.lua and further files by name; return its folder."""
    folder_path = folder / "tiny.lrdevplugin"
    folder_path.mkdir(exist_ok=True)
    texts = {
        "Info": INFO % info,
        "Fields": FIELDS,
        "MenuGo": "import 'LrTasks'.startAsyncTask(function() end)",
    }
    for name, text in (texts | files).items():
        (folder_path / f"{name}.lua").write_text(text, "utf-8")
    return folder_path


def tiny(folder: Path, info: str = "", *, platform: Any = "mac", **files: str) -> Host:
    """Return a host with the small plug-in loaded and one photo, which is selected."""
    host = Host(plugin(folder, info, **files), folder, platform=platform)
    host.select([host.catalog.add_photo("/shoot/1.NEF", rating=2, title="Bride")])
    host.load()
    return host


def within(body: str) -> str:
    """Return Lua that runs `body` with a function context, and returns what it returns."""
    return CONTEXT + f"return LrFunctionContext.callWithContext('test', function(context) {body} end)"


def gate(body: str, options: str = "{ timeout = 5 }") -> str:
    """Return Lua that runs `body` in a write gate and returns the gate's status."""
    return PHOTO + f"return catalog:withWriteAccessDo('Go', function() {body} end, {options})"


def private(body: str) -> str:
    """Return Lua that runs `body` in a private gate and returns its status."""
    return PHOTO + f"return catalog:withPrivateWriteAccessDo(function() {body} end, {{ timeout = 5 }})"


def forbidden(host: Host, source: str, why: str) -> None:
    """Assert that `source` is a violation: raised, and kept where the plug-in catches it."""
    with pytest.raises(LuaError, match=why):
        host.lua_task(source)
    before = len(host.violations)
    caught = f"return (import 'LrTasks'.pcall(function() {source}\nend))"
    assert host.lua_task(caught) is False
    assert len(host.violations) > before
    with pytest.raises(AssertionError, match=why):
        host.check()


def refused(host: Host, source: str, why: str) -> None:
    """Assert that `source` raises an error that a plug-in may catch, without a violation."""
    caught = (
        f"local ok, err = import 'LrTasks'.pcall(function() {source}\nend) return {{ ok, tostring(err) }}"
    )
    ok, message = host.lua_task(caught)
    assert not ok
    assert why in message
    host.check()
