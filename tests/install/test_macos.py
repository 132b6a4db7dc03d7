"""macOS: a valid LaunchAgent for any path."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from autocull.errors import DaemonError
from autocull.install.macos import LABEL, Mac
from autocull.install.subprocesses import CommandResult
from support.installation_fakes import HARD_TO_QUOTE, FakePrograms


def make_mac(home: Path, programs: FakePrograms) -> Mac:
    """Return a Mac of user 501."""
    return Mac(home, programs, 501)


def agent_path(home: Path) -> Path:
    """Return the path of the LaunchAgent."""
    return home / "Library" / "LaunchAgents" / f"{LABEL}.plist"


@pytest.mark.parametrize("command", HARD_TO_QUOTE)
def test_agent_is_a_valid_property_list(command: Sequence[str], tmp_path: Path) -> None:
    """The parser reads the command's words, a start at login, and no restart after a clean exit."""
    make_mac(tmp_path, FakePrograms()).register(command)
    content = plistlib.loads(agent_path(tmp_path).read_bytes())
    assert content["ProgramArguments"] == list(command)
    assert content["Label"] == LABEL
    assert content["RunAtLoad"] is True
    assert content["KeepAlive"] == {"SuccessfulExit": False}


def test_plugins_folder_is_the_one_that_adobe_documents(tmp_path: Path) -> None:
    """The Modules folder in the user's library, which needs no administrator."""
    expected = tmp_path / "Library/Application Support/Adobe/Lightroom/Modules"
    assert make_mac(tmp_path, FakePrograms()).plugins_folder() == expected


def test_agent_is_loaded_into_the_users_session(tmp_path: Path) -> None:
    """The previous agent is unloaded first, then the new one is loaded, as the user."""
    programs = FakePrograms()
    assert make_mac(tmp_path, programs).register(["python"]) is None
    assert programs.commands == [
        ["launchctl", "bootout", f"gui/501/{LABEL}"],
        ["launchctl", "bootstrap", "gui/501", str(agent_path(tmp_path))],
    ]


def test_repeated_registration_does_not_unload_the_agent(tmp_path: Path) -> None:
    """The daemon of an agent that is loaded already keeps running."""
    make_mac(tmp_path, FakePrograms()).register(["python"])
    programs = FakePrograms({"launchctl bootstrap": CommandResult(5, "Input/output error")})
    assert make_mac(tmp_path, programs).register(["python"]) is None
    assert [words[1] for words in programs.commands] == ["bootstrap", "print"]


def test_failing_launchd_gives_a_hint(tmp_path: Path) -> None:
    """Over ssh there is no session to load it into: the hint names the next login."""
    failing = CommandResult(125, "Domain does not support specified action")
    programs = FakePrograms({"launchctl bootstrap": failing, "launchctl print": failing})
    hint = make_mac(tmp_path, programs).register(["python"])
    assert hint is not None
    assert "Domain does not support" in hint
    assert "next login" in hint
    assert make_mac(tmp_path, programs).is_registered()


def test_unregistering_can_be_repeated(tmp_path: Path) -> None:
    """The agent is removed; the second call returns False."""
    system = make_mac(tmp_path, FakePrograms())
    system.register(["python"])
    assert (system.unregister(), system.is_registered(), system.unregister()) == (True, False, False)
    assert not agent_path(tmp_path).exists()


@pytest.mark.parametrize("word", ["a\nb", "a\x07b"])
def test_control_characters_are_refused(word: str, tmp_path: Path) -> None:
    """A path with control characters raises an error, and nothing is written."""
    with pytest.raises(DaemonError, match="another folder"):
        make_mac(tmp_path, FakePrograms()).register([word])
    assert not agent_path(tmp_path).exists()
