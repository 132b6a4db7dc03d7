"""Windows: an entry in the user's Run key that Windows splits into the right words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from autocull.errors import DaemonError
from autocull.install.subprocesses import CommandResult
from autocull.install.windows import MAX_CHARACTERS, RUN_KEY, Windows
from support.installation_fakes import HARD_TO_QUOTE, FakePrograms


def split_command_line(line: str) -> list[str]:
    """Split a command line as Microsoft's C runtime documents it."""
    words, word, quoted, started, slashes = [], "", False, False, 0
    for character in line + " ":
        if character == "\\":
            slashes += 1
            continue
        if character == '"':
            word += "\\" * (slashes // 2)
            started = True
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
        else:
            word += "\\" * slashes
            started |= slashes > 0
            if character in " \t" and not quoted:
                if started:
                    words.append(word)
                word, started = "", False
            else:
                word, started = word + character, True
        slashes = 0
    return words


def test_splitter_follows_microsofts_documentation() -> None:
    """With the examples of the documentation."""
    assert split_command_line('"a b c" d e') == ["a b c", "d", "e"]
    assert split_command_line(r'"ab\"c" "\\" d') == ['ab"c', "\\", "d"]
    assert split_command_line(r"a\\\b d\"e f\"g h") == [r"a\\\b", 'd"e', 'f"g', "h"]


@pytest.mark.parametrize("command", HARD_TO_QUOTE)
def test_entry_holds_every_word_of_the_command(command: Sequence[str], tmp_path: Path) -> None:
    """The registry gets one text that Windows splits into the command's words."""
    programs = FakePrograms()
    assert Windows(tmp_path, {}, programs).register(command) is None
    (arguments,) = programs.commands
    assert arguments[:4] == ["reg", "add", RUN_KEY, "/v"]
    assert arguments[5:7] == ["/t", "REG_SZ"]
    assert split_command_line(arguments[arguments.index("/d") + 1]) == list(command)
    assert arguments[-1] == "/f", "it is replaced without a prompt"


def test_key_belongs_to_the_user() -> None:
    """So no administrator is needed."""
    assert RUN_KEY.startswith("HKCU\\")


@pytest.mark.parametrize(
    ("env", "expected"), [({}, "AppData/Roaming"), ({"APPDATA": ""}, "AppData/Roaming"), (None, "elsewhere")]
)
def test_plugins_folder_follows_appdata(env: dict[str, str] | None, expected: str, tmp_path: Path) -> None:
    """Lightroom follows the variable, as where a company moves roaming profiles."""
    env = {"APPDATA": str(tmp_path / "elsewhere")} if env is None else env
    assert (
        Windows(tmp_path, env, FakePrograms()).plugins_folder()
        == tmp_path / expected / "Adobe/Lightroom/Modules"
    )


def test_too_long_command_is_refused(tmp_path: Path) -> None:
    """Windows silently ignores longer lines: an error is raised, and nothing is registered."""
    programs = FakePrograms()
    with pytest.raises(DaemonError, match=r"more than 260 characters.*shorter path"):
        Windows(tmp_path, {}, programs).register(["C:\\" + "a" * MAX_CHARACTERS])
    assert programs.commands == []


def test_refusing_registry_raises_an_error(tmp_path: Path) -> None:
    """The message contains the output of `reg`."""
    programs = FakePrograms({"reg add": CommandResult(1, "ERROR: Access is denied.")})
    with pytest.raises(DaemonError, match="Access is denied"):
        Windows(tmp_path, {}, programs).register(["python"])
    programs = FakePrograms({"reg delete": CommandResult(1, "ERROR: Access is denied.")})
    with pytest.raises(DaemonError, match="Access is denied"):
        Windows(tmp_path, {}, programs).unregister()


def test_unregistering_without_an_entry_removes_nothing(tmp_path: Path) -> None:
    """No error is raised."""
    programs = FakePrograms({"reg query": CommandResult(1, "not found")})
    system = Windows(tmp_path, {}, programs)
    assert (system.is_registered(), system.unregister()) == (False, False)
    assert {words[1] for words in programs.commands} == {"query"}
    assert Windows(tmp_path, {}, FakePrograms()).unregister() is True
