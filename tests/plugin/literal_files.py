"""The plug-in's files that hold only a table, evaluated as Lightroom does: with LOC only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lupa import lua51

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "lightroom_plugin.lrdevplugin"
LOCALISED = re.compile(r"LOC\(?\s*'\$\$\$/([^=']+)=((?:[^'\\]|\\.)*)'")
TRANSLATED = re.compile(r'^"\$\$\$/([^=]+)=(.*)"$')


def table(name: str, words: dict[str, str] | None = None) -> Any:
    """Evaluate one file in an environment with LOC only and return its table as dicts and lists.

    `words` are translations by key; without them every text is its English default.
    """
    lua = lua51.LuaRuntime(encoding="utf-8", register_eval=False, register_builtins=False)

    def loc(text: str) -> str:
        key, default = text.removeprefix("$$$/").split("=", 1)
        return (words or {}).get(key, default)

    source = (PLUGIN / name).read_text("utf-8")
    chunk = lua.eval("function(source, loc) return setfenv(assert(loadstring(source)), { LOC = loc })() end")
    return plain(chunk(source, loc))


def plain(value: Any) -> Any:
    """Turn a Lua table into a list where it counts from 1, else into a dict; leave all else."""
    if lua51.lua_type(value) != "table":
        return value
    items = {key: plain(each) for key, each in value.items()}
    numbers = [key for key in items if isinstance(key, int)]
    if numbers and len(numbers) == len(items):
        return [items[key] for key in sorted(numbers)]
    return items


def german() -> dict[str, str]:
    """The German texts by key."""
    lines = (PLUGIN / "TranslatedStrings_de.txt").read_text("utf-8").splitlines()
    result = {}
    for line in lines:
        match = TRANSLATED.match(line)
        assert match, f"not a line of translations: {line}"
        result[match[1]] = match[2]
    return result


def english(*names: str) -> dict[str, str]:
    """The English texts by key in the files `names`, or in all of the plug-in's files."""
    files = [PLUGIN / name for name in names] or sorted(PLUGIN.glob("*.lua"))
    result: dict[str, str] = {}
    for path in files:
        result.update({match[1]: match[2] for match in LOCALISED.finditer(path.read_text("utf-8"))})
    return result
