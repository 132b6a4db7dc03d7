"""What differs between the systems, behind one protocol: Lightroom's folder, and what starts at login."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Protocol

from autocull.errors import DaemonError

_LIMIT = 30.0  # seconds for a system's own program


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program said, and its exit code; 127 where there is no such program."""

    code: int
    said: str


Run = Callable[[Sequence[str]], Ran]
"""Runs one of the system's own programs."""


class System(Protocol):
    """One system, for the user alone; every change may be made twice, and needs no administrator."""

    name: str
    has_lightroom: bool

    def plugins(self) -> Path:
        """Return the folder in which Lightroom finds plug-ins."""
        ...

    def entry(self) -> str:
        """Say where the entry is that starts the daemon at login."""
        ...

    def registered(self) -> bool:
        """Say whether there is such an entry."""
        ...

    def register(self, command: Sequence[str]) -> str | None:
        """Let `command` start at login; returns what the user should know, and raises DaemonError."""
        ...

    def unregister(self) -> bool:
        """Let it start no more; False where there was no entry."""
        ...


def run(command: Sequence[str]) -> Ran:
    """Run a program of the system without a window; never raises for what the program does."""
    no_window = 0x08000000 if sys.platform == "win32" else 0
    try:
        done = subprocess.run(  # noqa: S603 - commands of ours, without a shell
            list(command), capture_output=True, text=True, errors="replace", timeout=_LIMIT, check=False,
            stdin=subprocess.DEVNULL, creationflags=no_window,
        )  # fmt: skip
    except FileNotFoundError:
        return Ran(127, f"there is no {command[0]}")
    except (OSError, subprocess.TimeoutExpired) as error:
        return Ran(126, str(error))
    return Ran(done.returncode, (done.stdout + done.stderr).strip())


def this_system(
    platform: str = sys.platform,
    home: Path | None = None,
    env: Mapping[str, str] | None = None,
    runs: Run = run,
) -> System:
    """Return the system that we are on; Linux stands for every other than macOS and Windows."""
    from autocull.install.linux import Linux
    from autocull.install.mac import Mac
    from autocull.install.windows import Windows

    home, env = home or Path.home(), os.environ if env is None else env
    if platform == "darwin":
        return Mac(home, runs, os.getuid())
    return Windows(home, env, runs) if platform == "win32" else Linux(home, env, runs)


def filled(template: str, **words: str) -> str:
    """Return one of the templates with `words` in it; raises DaemonError if one has control characters."""
    for word in words.values():
        if any(ord(character) < 32 and character != "\n" for character in word):
            raise DaemonError("The path to Autocull has control characters. Install it in another folder.")
    text = files("autocull.install").joinpath("templates", template).read_text("utf-8")
    return Template(text).substitute(words)


def check_line(word: str) -> str:
    """Return the word; raises DaemonError where it holds a line break, which no entry can hold."""
    if "\n" in word or "\r" in word or "\0" in word:
        raise DaemonError("The path to Autocull has a line break. Install it in another folder.")
    return word


def write(path: Path, text: str) -> bool:
    """Write a file of ours where it is not so already; False where it is. Raises DaemonError."""
    from autocull.atomic import whole_file

    try:
        if path.is_file() and path.read_bytes() == text.encode():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise DaemonError(f"{path} cannot be written ({error.strerror}). Check its permissions.") from error
    return True


def remove(path: Path) -> bool:
    """Remove a file of ours; False where there is none."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DaemonError(f"{path} cannot be removed ({error.strerror}). Remove it by hand.") from error
    return True
