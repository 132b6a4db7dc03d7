"""macOS: a LaunchAgent that launchd understands, whatever the path."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from autocull.errors import DaemonError
from autocull.install.macos import LABEL, Mac
from autocull.install.subprocesses import CommandResult
from support.installation_fakes import AWKWARD, Programs


def mac(home: Path, programs: Programs) -> Mac:
    """Make a Mac of user 501."""
    return Mac(home, programs, 501)


def agent(home: Path) -> Path:
    """Return the LaunchAgent's place."""
    return home / "Library" / "LaunchAgents" / f"{LABEL}.plist"


@pytest.mark.parametrize("command", AWKWARD)
def test_the_agent_is_read_as_it_was_meant(command: Sequence[str], tmp_path: Path) -> None:
    """The real parser finds the command's words, start at login, and no restart after a clean end."""
    mac(tmp_path, Programs()).register(command)
    found = plistlib.loads(agent(tmp_path).read_bytes())
    assert found["ProgramArguments"] == list(command)
    assert found["Label"] == LABEL
    assert found["RunAtLoad"] is True
    assert found["KeepAlive"] == {"SuccessfulExit": False}


def test_lightrooms_folder_is_where_adobe_says(tmp_path: Path) -> None:
    """The Modules folder in the user's own library needs no administrator."""
    wanted = tmp_path / "Library/Application Support/Adobe/Lightroom/Modules"
    assert mac(tmp_path, Programs()).plugins() == wanted


def test_the_agent_is_handed_to_launchd_in_the_users_session(tmp_path: Path) -> None:
    """The one before is taken back first, then ours is loaded: as the user, never with sudo."""
    programs = Programs()
    assert mac(tmp_path, programs).register(["python"]) is None
    assert programs.ran == [
        ["launchctl", "bootout", f"gui/501/{LABEL}"],
        ["launchctl", "bootstrap", "gui/501", str(agent(tmp_path))],
    ]


def test_a_second_time_nothing_is_taken_back(tmp_path: Path) -> None:
    """An agent that is there already, and loaded, keeps its daemon running."""
    mac(tmp_path, Programs()).register(["python"])
    programs = Programs({"launchctl bootstrap": CommandResult(5, "Input/output error")})
    assert mac(tmp_path, programs).register(["python"]) is None
    assert [words[1] for words in programs.ran] == ["bootstrap", "print"]


def test_a_launchd_that_does_not_take_it_is_said(tmp_path: Path) -> None:
    """Over ssh there is no session to load it into: it acts at the next login, and the user hears so."""
    failing = CommandResult(125, "Domain does not support specified action")
    programs = Programs({"launchctl bootstrap": failing, "launchctl print": failing})
    hint = mac(tmp_path, programs).register(["python"])
    assert hint is not None
    assert "Domain does not support" in hint
    assert "next login" in hint
    assert mac(tmp_path, programs).is_registered()


def test_unregistering_twice_is_unregistering_once(tmp_path: Path) -> None:
    """Nothing of it is left, and the second time there was nothing."""
    here = mac(tmp_path, Programs())
    here.register(["python"])
    assert (here.unregister(), here.is_registered(), here.unregister()) == (True, False, False)
    assert not agent(tmp_path).exists()


@pytest.mark.parametrize("word", ["a\nb", "a\x07b"])
def test_what_no_entry_can_hold_is_refused(word: str, tmp_path: Path) -> None:
    """A path with control characters is an error in words, and nothing is written."""
    with pytest.raises(DaemonError, match="another folder"):
        mac(tmp_path, Programs()).register([word])
    assert not agent(tmp_path).exists()
