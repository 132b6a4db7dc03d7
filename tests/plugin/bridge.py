"""Values between Python and the Lua of the stand-in: texts are UTF-8 there, and bytes are unchanged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lupa import lua51

STANDIN = Path(__file__).parent / "standin"
HANDED = "\0handed "


class LuaRefusal(Exception):  # noqa: N818 - a refusal of the host is an answer to Lua, not a fault of the test
    """An error that a function of the host raises in Lua, for the plug-in to handle."""


class Bridge:
    """A Lua 5.1 state with functions of Python; their exceptions are kept in `failures`."""

    def __init__(self) -> None:
        # Latin-1 maps each byte to one character and back: Lua strings are bytes, and may be no UTF-8 at all.
        self.lua = lua51.LuaRuntime(
            encoding="latin-1",
            source_encoding="utf-8",
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
        )
        self.failures: list[BaseException] = []
        self.handed: Callable[[int], Any] = lambda number: None
        self._load = self.lua.eval("function(source, name) return assert(loadstring(source, name)) end")

    def run(self, path: Path, *arguments: Any) -> Any:
        """Run a file of the stand-in with `arguments` and return what it returns."""
        return self._load(path.read_bytes(), b"@standin/" + path.name.encode())(*arguments)

    def into(self, value: Any) -> Any:
        """Return `value` for Lua: texts as UTF-8, dicts and sequences as tables, all else as it is."""
        if isinstance(value, str):
            return value.encode("utf-8", "surrogateescape")
        if isinstance(value, Path):
            return str(value).encode()
        if isinstance(value, dict):
            return self.lua.table_from({self.into(key): self.into(each) for key, each in value.items()})
        if isinstance(value, (list, tuple)):
            return self.lua.table_from([self.into(each) for each in value])
        return value

    def function(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func` for Lua: it returns true and its results, or false and the error."""

        def called(*arguments: Any) -> tuple[Any, ...]:
            try:
                results = func(*[self._argument(text(each)) for each in arguments])
            except LuaRefusal as refusal:
                return False, self.into(str(refusal))
            except BaseException as failure:  # noqa: BLE001 - no exception may be lost in Lua
                self.failures.append(failure)
                return False, self.into(f"{type(failure).__name__}: {failure}")
            results = results if isinstance(results, tuple) else (results,)
            return True, *[self.into(each) for each in results]

        return called

    def _argument(self, value: Any) -> Any:
        """Return an argument from Lua; a table that is waiting under its number."""
        if isinstance(value, str) and value.startswith(HANDED):
            return self.handed(int(value.removeprefix(HANDED)))
        return value


def text(value: Any) -> Any:
    """Return a Lua string as text (bytes that are no UTF-8 as lone surrogates), and all else as it is."""
    if isinstance(value, str):
        return value.encode("latin-1").decode("utf-8", "surrogateescape")
    return value


def out(value: Any) -> Any:
    """Return a Lua value as Python's: a table that counts from 1 as a list, another as a dict."""
    if lua51.lua_type(value) != "table":
        return text(value)
    items = {text(key): out(each) for key, each in value.items()}
    if items and set(items) == set(range(1, len(items) + 1)):
        return [items[number] for number in range(1, len(items) + 1)]
    return items
