"""Windows: an entry of the user's own Run key, which Windows takes apart as it was meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from autocull.errors import DaemonError
from autocull.install.subprocesses import CommandResult
from autocull.install.windows import KEY, MAX_CHARACTERS, Windows
from support.installation_fakes import AWKWARD, Programs


def words_of(line: str) -> list[str]:
    """Take a command line apart as Microsoft's C runtime documents it."""
    words, word, quoted, there, slashes = [], "", False, False, 0
    for character in line + " ":
        if character == "\\":
            slashes += 1
            continue
        if character == '"':
            word += "\\" * (slashes // 2)
            there = True
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
        else:
            word += "\\" * slashes
            there |= slashes > 0
            if character in " \t" and not quoted:
                if there:
                    words.append(word)
                word, there = "", False
            else:
                word, there = word + character, True
        slashes = 0
    return words


def test_the_reader_reads_what_microsoft_documents() -> None:
    """The examples of the documentation come out as it says."""
    assert words_of('"a b c" d e') == ["a b c", "d", "e"]
    assert words_of(r'"ab\"c" "\\" d') == ['ab"c', "\\", "d"]
    assert words_of(r"a\\\b d\"e f\"g h") == [r"a\\\b", 'd"e', 'f"g', "h"]


@pytest.mark.parametrize("command", AWKWARD)
def test_the_entry_is_read_as_it_was_meant(command: Sequence[str], tmp_path: Path) -> None:
    """What the registry gets is one text that Windows takes apart into the command's words."""
    programs = Programs()
    assert Windows(tmp_path, {}, programs).register(command) is None
    (ran,) = programs.ran
    assert ran[:4] == ["reg", "add", KEY, "/v"]
    assert ran[5:7] == ["/t", "REG_SZ"]
    assert words_of(ran[ran.index("/d") + 1]) == list(command)
    assert ran[-1] == "/f", "it is replaced without a question"


def test_no_administrator_is_needed() -> None:
    """The key is the user's own."""
    assert KEY.startswith("HKCU\\")


@pytest.mark.parametrize(
    ("env", "wanted"), [({}, "AppData/Roaming"), ({"APPDATA": ""}, "AppData/Roaming"), (None, "elsewhere")]
)
def test_lightrooms_folder_follows_appdata(env: dict[str, str] | None, wanted: str, tmp_path: Path) -> None:
    """Where a company keeps roaming profiles elsewhere, Lightroom looks there."""
    env = {"APPDATA": str(tmp_path / "elsewhere")} if env is None else env
    assert Windows(tmp_path, env, Programs()).plugins() == tmp_path / wanted / "Adobe/Lightroom/Modules"


def test_a_command_that_windows_would_not_run_is_refused(tmp_path: Path) -> None:
    """Windows silently ignores longer lines: the user hears it now, and nothing is registered."""
    programs = Programs()
    with pytest.raises(DaemonError, match=r"more than 260 characters.*shorter path"):
        Windows(tmp_path, {}, programs).register(["C:\\" + "a" * MAX_CHARACTERS])
    assert programs.ran == []


def test_a_registry_that_refuses_is_said(tmp_path: Path) -> None:
    """The registry's own words come along."""
    programs = Programs({"reg add": CommandResult(1, "ERROR: Access is denied.")})
    with pytest.raises(DaemonError, match="Access is denied"):
        Windows(tmp_path, {}, programs).register(["python"])
    programs = Programs({"reg delete": CommandResult(1, "ERROR: Access is denied.")})
    with pytest.raises(DaemonError, match="Access is denied"):
        Windows(tmp_path, {}, programs).unregister()


def test_without_an_entry_nothing_is_removed(tmp_path: Path) -> None:
    """The second uninstall finds nothing, and is no error."""
    programs = Programs({"reg query": CommandResult(1, "not found")})
    here = Windows(tmp_path, {}, programs)
    assert (here.is_registered(), here.unregister()) == (False, False)
    assert {words[1] for words in programs.ran} == {"query"}
    assert Windows(tmp_path, {}, Programs()).unregister() is True
