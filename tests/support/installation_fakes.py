"""Helpers of the tests of installing: command lines that are hard to quote, and fake system programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autocull.install.subprocesses import CommandResult

ARGUMENTS = ("-P", "-m", "autocull", "serve", "--background")
HARD_TO_QUOTE = [
    ("/usr/bin/python3", *ARGUMENTS),
    ("/Users/Jörg Müller/My Photos/.venv/bin/python", *ARGUMENTS),
    ("/home/o'brien & co/<b>/\"q\"/py", *ARGUMENTS),
    ("/home/100% $HOME/%h %%/${PATH}/python", *ARGUMENTS),
    ("C:\\Users\\Ann Élise\\Auto cull\\pythonw.exe", *ARGUMENTS),
    ("/ends/with/backslash\\", "a\\\\b", "", "x\\\"y", "日本 語;#!*?~`|"),
]  # fmt: skip
"""Commands with spaces, umlauts, quotes, and characters that are special to XML, systemd or Windows."""


class FakePrograms:
    """A fake command runner: records the commands in `commands`, and returns prepared results."""

    def __init__(self, results: Mapping[str, CommandResult] | None = None) -> None:
        self._results = dict(results or {})
        self.commands: list[list[str]] = []

    def __call__(self, command: Sequence[str]) -> CommandResult:
        """Record the command; return the result prepared for its first two words, else exit code 0."""
        self.commands.append(list(command))
        return self._results.get(" ".join(command[:2]), CommandResult(0, ""))
