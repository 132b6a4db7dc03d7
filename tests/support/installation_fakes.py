"""What the tests of installing share: command lines that are hard to quote, and a system's programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autocull.install.subprocesses import CommandResult

TAIL = ("-P", "-m", "autocull", "serve", "--background")
AWKWARD = [
    ("/usr/bin/python3", *TAIL),
    ("/Users/Jörg Müller/My Photos/.venv/bin/python", *TAIL),
    ("/home/o'brien & co/<b>/\"q\"/py", *TAIL),
    ("/home/100% $HOME/%h %%/${PATH}/python", *TAIL),
    ("C:\\Users\\Ann Élise\\Auto cull\\pythonw.exe", *TAIL),
    ("/ends/with/backslash\\", "a\\\\b", "", "x\\\"y", "日本 語;#!*?~`|"),
]  # fmt: skip
"""Commands with spaces, umlauts, quotes, and what XML, systemd or Windows would read as their own."""


class Programs:
    """The system's programs, as far as they were asked for: what ran, and what each answers."""

    def __init__(self, answers: Mapping[str, CommandResult] | None = None) -> None:
        self._answers = dict(answers or {})
        self.ran: list[list[str]] = []

    def __call__(self, command: Sequence[str]) -> CommandResult:
        """Note the command; answer by its first two words, with 0 where nothing else is agreed."""
        self.ran.append(list(command))
        return self._answers.get(" ".join(command[:2]), CommandResult(0, ""))
