"""Linux: a systemd user unit that systemd understands; its command line runs for real."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from pathlib import Path

import pytest

from autocull.install.linux import UNIT, Linux
from autocull.install.subprocesses import CommandResult
from autocull.serve.process.launch_command import serve_command
from support.daemon_fixtures import TIMEOUT, UserHome, create_home, wait_until
from support.installation_fakes import HARD_TO_QUOTE, FakePrograms

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')


def words_of(line: str) -> list[str]:
    """Take an ExecStart apart as systemd.service(5) documents it."""
    quoted = _WORD.findall(line)
    assert " ".join(f'"{word}"' for word in quoted) == line
    for own in "%$":  # alone, either would be read as systemd's own
        assert all(len(run) % 2 == 0 for word in quoted for run in re.findall(f"[{own}]+", word)), line
    unescaped = [re.sub(r"\\(.)", r"\1", word) for word in quoted]
    return [word.replace("%%", "%").replace("$$", "$") for word in unescaped]


def unit(folder: Path) -> ConfigParser:
    """Read the unit below a configuration folder."""
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[method-assign, assignment] # systemd minds the case
    parser.read(folder / "systemd" / "user" / UNIT, "utf-8")
    return parser


@pytest.mark.parametrize("command", HARD_TO_QUOTE)
def test_the_unit_is_read_as_it_was_meant(command: Sequence[str], tmp_path: Path) -> None:
    """The command's words come out whole, the workers may finish, and a clean end is the end."""
    Linux(tmp_path, {}, FakePrograms()).register(command)
    found = unit(tmp_path / ".config")
    shell, *words = words_of(found["Service"]["ExecStart"])
    assert (shell, words[2:]) == ("/bin/sh", list(command))
    assert found["Service"]["KillMode"] == "mixed"
    assert found["Service"]["Restart"] == "on-failure"
    assert found["Install"]["WantedBy"] == "default.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd to ask")
def test_systemd_itself_accepts_the_unit(tmp_path: Path) -> None:
    """Its own check has nothing to say, where the path has spaces, umlauts, quotes and percents."""
    python = tmp_path / 'Jörg\'s 100% "py"' / "python"
    python.parent.mkdir()
    python.symlink_to(shutil.which("true") or "/bin/true")
    Linux(tmp_path, {}, FakePrograms()).register([str(python), "-m", "autocull"])
    file = tmp_path / ".config" / "systemd" / "user" / UNIT
    ran = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", str(file)],
        capture_output=True, text=True, check=False, env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    ours = [line for line in ran.stderr.splitlines() if UNIT in line or str(python) in line]
    assert not ours, ran.stderr


@pytest.mark.parametrize("given", [None, "relative/is/ignored"])
def test_without_xdg_folders_the_usual_ones_are_taken(given: str | None, tmp_path: Path) -> None:
    """The unit lies where systemd looks, the plug-in in the user's data folder."""
    env = {} if given is None else {"XDG_CONFIG_HOME": given, "XDG_DATA_HOME": given}
    here = Linux(tmp_path, env, FakePrograms())
    assert here.entry_name() == str(tmp_path / ".config/systemd/user" / UNIT)
    assert here.plugins_folder() == tmp_path / ".local/share/autocull"
    assert not here.has_lightroom


def test_xdg_folders_are_followed(tmp_path: Path) -> None:
    """Who moved them finds our files there."""
    env = {"XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_DATA_HOME": str(tmp_path / "d")}
    here = Linux(tmp_path, env, FakePrograms())
    assert here.entry_name() == str(tmp_path / "c/systemd/user" / UNIT)
    assert here.plugins_folder() == tmp_path / "d/autocull"


def test_the_unit_is_enabled_and_disabled_again(tmp_path: Path) -> None:
    """Enabling is the link that systemctl would make; both may be done twice."""
    here, programs = Linux(tmp_path, {}, FakePrograms()), FakePrograms()
    for _ in range(2):
        assert here.register(["python"]) is None
    wanted = tmp_path / ".config/systemd/user/default.target.wants" / UNIT
    assert wanted.resolve() == Path(here.entry_name()).resolve()
    assert here.is_registered()
    here = Linux(tmp_path, {}, programs)
    assert (here.unregister(), here.is_registered(), here.unregister()) == (True, False, False)
    assert programs.commands == [["systemctl", "--user", "daemon-reload"]]
    assert not list((tmp_path / ".config").rglob(f"*{UNIT}*"))


def test_a_system_without_systemd_is_told(tmp_path: Path) -> None:
    """The entry is made all the same, and the user hears when it will act."""
    programs = FakePrograms({"systemctl --user": CommandResult(127, "there is no systemctl")})
    hint = Linux(tmp_path, {}, programs).register(["python"])
    assert hint is not None
    assert "there is no systemctl" in hint


@pytest.fixture
def home(tmp_path: Path) -> Iterator[UserHome]:
    """Make a home with a name that is hard to quote."""
    with create_home(tmp_path / 'Jörg\'s 100% "home"') as made:
        yield made


def test_the_units_command_line_starts_a_daemon(home: UserHome) -> None:
    """What stands in ExecStart, run as it stands there, is a daemon that answers and ends cleanly."""
    Linux(home.folder, {}, FakePrograms()).register(serve_command())
    words = words_of(unit(home.folder / ".config")["Service"]["ExecStart"])
    process = subprocess.Popen(words, env=home.env, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: home.published_by(process.pid) or process.poll() is not None)
        assert (home.request("GET", "/v1/status").content or {})["pid"] == process.pid
        process.terminate()
        process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT)
