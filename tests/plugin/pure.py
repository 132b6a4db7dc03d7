"""The plug-in's files that need no host, in bare Lua 5.1. Import with `from plugin.pure import Modules`."""

from __future__ import annotations

import re
from typing import Any

from lupa import lua51

from plugin.literal_files import PLUGIN, german, plain

PURE = (
    "Json",
    "ShellQuote",
    "CullPlan",
    "JobRequest",
    "Strictness",
    "KeepLimit",
    "ResponseSchema",
    "PhotoErrors",
    "RunCounts",
    "ReasonTextTable",
    "ReasonTexts",
    "CullProgress",
    "DecisionRules",
)


class Modules:
    """A Lua state in which `require` finds the pure files, and LOC returns English or German.

    Texts pass in and out as bytes, so that no test is decoded before it is compared.
    """

    def __init__(self, language: str = "en") -> None:
        self.lua = lua51.LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
        words = german() if language == "de" else {}
        self._loaded: dict[bytes, Any] = {}
        globals_ = self.lua.globals()
        globals_[b"require"] = self._require
        globals_[b"LOC"] = lambda text, *values: _localised(text, values, words)

    def __getitem__(self, name: str) -> Any:
        """The table of functions that a file returns."""
        return self._require(name.encode())

    def table(self, value: Any) -> Any:
        """Turn dicts and lists into Lua tables, all the way down."""
        if isinstance(value, dict):
            return self.lua.table_from({_bytes(key): self.table(each) for key, each in value.items()})
        if isinstance(value, list):
            return self.lua.table_from([self.table(each) for each in value])
        return _bytes(value)

    def _require(self, name: bytes) -> Any:
        if name not in self._loaded:
            assert name.decode() in PURE, f"{name.decode()} needs the host"
            source = (PLUGIN / f"{name.decode()}.lua").read_bytes()
            self._loaded[name] = self.lua.execute(source)
        return self._loaded[name]


def read(value: Any) -> Any:
    """Convert a Lua value to Python: tables to dicts and lists, bytes to texts."""
    if isinstance(value, tuple):
        return tuple(read(each) for each in value)
    return _texts(plain(value))


def _localised(text: bytes, values: tuple[Any, ...], words: dict[str, str]) -> bytes:
    key, default = text.decode().removeprefix("$$$/").split("=", 1)
    parts = [value.decode() if isinstance(value, bytes) else str(value) for value in values]
    result = re.sub(r"\^(\d)", lambda match: parts[int(match[1]) - 1], words.get(key, default))
    return result.encode()


def _bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def _texts(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {_texts(key): _texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_texts(each) for each in value]
    return value
