"""Linux: a valid systemd user unit, whose command line starts a daemon."""

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


def parse_exec_start(line: str) -> list[str]:
    """Split an ExecStart line as systemd.service(5) documents it."""
    quoted = _WORD.findall(line)
    assert " ".join(f'"{word}"' for word in quoted) == line
    for special in "%$":  # a single one would be special to systemd
        assert all(len(run) % 2 == 0 for word in quoted for run in re.findall(f"[{special}]+", word)), line
    unescaped = [re.sub(r"\\(.)", r"\1", word) for word in quoted]
    return [word.replace("%%", "%").replace("$$", "$") for word in unescaped]


def read_unit(folder: Path) -> ConfigParser:
    """Read the unit below a configuration folder."""
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[method-assign, assignment] # systemd is case-sensitive
    parser.read(folder / "systemd" / "user" / UNIT, "utf-8")
    return parser


@pytest.mark.parametrize("command", HARD_TO_QUOTE)
def test_unit_holds_every_word_of_the_command(command: Sequence[str], tmp_path: Path) -> None:
    """It also lets the workers finish, and restarts the daemon only after a failure."""
    Linux(tmp_path, {}, FakePrograms()).register(command)
    parsed = read_unit(tmp_path / ".config")
    shell, *words = parse_exec_start(parsed["Service"]["ExecStart"])
    assert (shell, words[2:]) == ("/bin/sh", list(command))
    assert parsed["Service"]["KillMode"] == "mixed"
    assert parsed["Service"]["Restart"] == "on-failure"
    assert parsed["Install"]["WantedBy"] == "default.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """`systemd-analyze verify` has no complaint about a path with spaces, umlauts, quotes and percents."""
    python = tmp_path / 'Jörg\'s 100% "py"' / "python"
    python.parent.mkdir()
    python.symlink_to(shutil.which("true") or "/bin/true")
    Linux(tmp_path, {}, FakePrograms()).register([str(python), "-m", "autocull"])
    file = tmp_path / ".config" / "systemd" / "user" / UNIT
    result = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", str(file)],
        capture_output=True, text=True, check=False, env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    complaints = [line for line in result.stderr.splitlines() if UNIT in line or str(python) in line]
    assert not complaints, result.stderr


@pytest.mark.parametrize("folder", [None, "relative/is/ignored"])
def test_default_folders_without_xdg_variables(folder: str | None, tmp_path: Path) -> None:
    """The unit is in the user's configuration folder, the plug-in in the user's data folder."""
    env = {} if folder is None else {"XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder}
    system = Linux(tmp_path, env, FakePrograms())
    assert system.entry_name() == str(tmp_path / ".config/systemd/user" / UNIT)
    assert system.plugins_folder() == tmp_path / ".local/share/autocull"
    assert not system.has_lightroom


def test_xdg_folders_are_followed(tmp_path: Path) -> None:
    """Unit and plug-in are in the configured folders."""
    env = {"XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_DATA_HOME": str(tmp_path / "d")}
    system = Linux(tmp_path, env, FakePrograms())
    assert system.entry_name() == str(tmp_path / "c/systemd/user" / UNIT)
    assert system.plugins_folder() == tmp_path / "d/autocull"


def test_unit_is_enabled_and_disabled(tmp_path: Path) -> None:
    """By the link that systemctl would create; both can be repeated."""
    system, programs = Linux(tmp_path, {}, FakePrograms()), FakePrograms()
    for _ in range(2):
        assert system.register(["python"]) is None
    link = tmp_path / ".config/systemd/user/default.target.wants" / UNIT
    assert link.resolve() == Path(system.entry_name()).resolve()
    assert system.is_registered()
    system = Linux(tmp_path, {}, programs)
    assert (system.unregister(), system.is_registered(), system.unregister()) == (True, False, False)
    assert programs.commands == [["systemctl", "--user", "daemon-reload"]]
    assert not list((tmp_path / ".config").rglob(f"*{UNIT}*"))


def test_missing_systemd_gives_a_hint(tmp_path: Path) -> None:
    """The unit is written all the same."""
    programs = FakePrograms({"systemctl --user": CommandResult(127, "there is no systemctl")})
    hint = Linux(tmp_path, {}, programs).register(["python"])
    assert hint is not None
    assert "there is no systemctl" in hint


@pytest.fixture
def home(tmp_path: Path) -> Iterator[UserHome]:
    """Yield a home with a name that is hard to quote."""
    with create_home(tmp_path / 'Jörg\'s 100% "home"') as user_home:
        yield user_home


def test_exec_start_starts_a_daemon(home: UserHome) -> None:
    """The command line in the unit runs a daemon that answers and ends cleanly."""
    Linux(home.folder, {}, FakePrograms()).register(serve_command())
    words = parse_exec_start(read_unit(home.folder / ".config")["Service"]["ExecStart"])
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
