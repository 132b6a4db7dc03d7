"""The sources of the plug-in: what Lightroom would refuse or misread is detected without running it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lupa import lua51

from plugin.host import Host
from plugin.info import menu_items, translations
from plugin.literal_files import PLUGIN, ROOT, table
from plugin.lua_text import (
    code,
    count_loc,
    misread_escapes,
    plain_pcalls,
    querying_comparators,
    texts,
    uncommented,
)

SOURCES = sorted(PLUGIN.glob("*.lua"))
NAMES = [path.name for path in SOURCES]
INFO = table("Info.lua")
MENU = [item["file"] for item in menu_items(INFO)]
ENTRIES = {value for value in INFO.values() if isinstance(value, str) and value.endswith(".lua")} | {
    *MENU,
    "Info.lua",
}
LOCATION = re.compile(r"\^(\d)")
REQUIRED = re.compile(r"""require\s*\(?\s*['"](\w+)['"]""")
# What a script may call on a text, and on a file that it opened.
OF_LUA = {
    "byte",
    "find",
    "format",
    "gmatch",
    "gsub",
    "len",
    "lower",
    "match",
    "rep",
    "reverse",
    "sub",
    "upper",
}
OF_FILES = {"close", "flush", "lines", "read", "seek", "setvbuf", "write"}


def read(name: str) -> str:
    """One source of the plug-in."""
    return (PLUGIN / name).read_text("utf-8")


@pytest.fixture(scope="module")
def english() -> dict[str, set[str]]:
    """The English texts by key, from all sources; more than one for a key is a fault."""
    result: dict[str, set[str]] = {}
    for name in NAMES:
        for key, text in texts(read(name)):
            result.setdefault(key, set()).add(text)
    return result


@pytest.fixture(scope="module")
def german() -> dict[str, str]:
    """The German texts by key."""
    return translations(PLUGIN / "TranslatedStrings_de.txt")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Host:
    """A stand-in, for the names that it defines."""
    return Host(PLUGIN, tmp_path_factory.mktemp("home"))


def test_luacheck_finds_nothing() -> None:
    """No accidental or unknown global, no plain pcall, nothing unused or hidden, no line above 120 bytes."""
    program = shutil.which("luacheck")
    if program is None:
        required = os.environ.get("CI") or os.environ.get("AUTOCULL_REQUIRE_LUACHECK")
        assert not required, "luacheck is missing: apt-get install lua-check"
        pytest.skip("luacheck is not installed (Debian: apt-get install lua-check); CI runs it")
    call = [program, "--no-color", "--no-cache", "--quiet", PLUGIN.name, "tests/plugin/standin"]
    result = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", NAMES)
def test_sources_compile_as_lua_5_1(name: str) -> None:
    """Syntax of a later Lua prevents the whole plug-in from loading."""
    lua = lua51.LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
    problem = lua.eval(b"function(source) return select(2, loadstring(source)) end")
    assert problem((PLUGIN / name).read_bytes()) is None


@pytest.mark.parametrize("name", NAMES)
def test_no_escape_that_lua_5_1_misreads(name: str) -> None:
    r"""`\x` and `\u` are silently the letters x and u."""
    assert misread_escapes(read(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_plain_pcall(name: str) -> None:
    """Nothing can wait inside one: reads return nothing and writes are lost, without an error."""
    assert plain_pcalls(read(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_sort_comparators_query_nothing(name: str) -> None:
    """A comparator runs in C: a query to the catalog in it can never return."""
    assert querying_comparators(read(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_only_namespaces_and_functions_of_the_sdk_are_used(name: str, host: Host) -> None:
    """Also on the paths that no test takes."""
    for namespace in re.findall(r"""\bimport\s*\(?\s*['"](\w+)['"]""", uncommented(read(name))):
        assert host.lua.modules[namespace] is not None, namespace
    for namespace, member in set(re.findall(r"\b(Lr[A-Z]\w*)\.(\w+)", code(read(name)))):
        assert host.lua.modules[namespace][member.encode()] is not None, f"{namespace}.{member}"


@pytest.mark.parametrize("name", NAMES)
def test_only_methods_of_the_sdk_are_used(name: str, host: Host) -> None:
    """A method that is neither of a class of SDK 14 nor of Lua's texts and files is a mistake."""
    sdk_methods = {str(method) for methods in host.lua.methodNames.values() for method in methods}
    called = set(re.findall(r"[\w\])'\"]\s*:(\w+)\s*[({'\"]", code(read(name))))
    assert called <= sdk_methods | OF_LUA | OF_FILES


def test_plugin_folder_is_flat() -> None:
    """Lightroom finds modules in the plug-in's own folder; it holds only sources and translations."""
    assert all(path.is_file() and path.suffix in (".lua", ".txt") for path in PLUGIN.iterdir())


def test_every_module_exists_and_is_used() -> None:
    """What is required exists, and what exists is reached from Info.lua."""
    reached: set[str] = set()
    waiting = sorted(ENTRIES)
    while waiting:
        name = waiting.pop()
        assert (PLUGIN / name).is_file(), f"{name} is missing"
        if name not in reached:
            reached.add(name)
            waiting += [f"{module}.lua" for module in REQUIRED.findall(uncommented(read(name)))]
    assert reached == set(NAMES)


@pytest.mark.parametrize("name", MENU)
def test_menu_file_is_two_lines_and_not_required(name: str) -> None:
    """It runs from top to bottom at each click."""
    assert len(read(name).strip().splitlines()) == 2
    module = name.removesuffix(".lua")
    assert not [other for other in NAMES if module in REQUIRED.findall(uncommented(read(other)))]


def test_plugin_loads_in_the_strict_host(tmp_path: Path) -> None:
    """Info.lua, fields, tagset and init pass every rule, in both languages and on both systems."""
    for language, platform in (("en", "mac"), ("de", "win")):
        host = Host(PLUGIN, tmp_path, language=language, platform=platform)
        host.load()
        host.run_for(60)
        host.check()


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_a_literal_with_a_key(name: str) -> None:
    """LOC of a concatenated text cannot be translated, nor checked here."""
    assert count_loc(read(name)) == len(texts(read(name)))


def test_key_has_one_english_text(english: dict[str, set[str]]) -> None:
    """Two defaults of one key would be two sentences in English and one in German."""
    assert [key for key, result in english.items() if len(result) > 1] == []


def test_every_text_is_translated_to_german(english: dict[str, set[str]], german: dict[str, str]) -> None:
    """And there is no other German text."""
    assert sorted(set(english) - set(german)) == []
    assert sorted(set(german) - set(english)) == []


def test_translations_have_the_same_placeholders(
    english: dict[str, set[str]], german: dict[str, str]
) -> None:
    """Every ^1 of one language is in the other."""
    for key, (text, *_) in english.items():
        assert set(LOCATION.findall(text)) == set(LOCATION.findall(german[key])), key
        assert german[key].strip(), key
