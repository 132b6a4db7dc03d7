"""Journals of what a run changes next to photos, so that it can be undone; each is a file of JSON lines.

A line is on the disk before the change that it announces is made, and the file is only appended to. The first
line names the kind of the journal. Sorting and sidecars have journals; `undo` takes both.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autocull.errors import MarksError

AppendLine = Callable[[Mapping[str, Any]], None]
"""Appends one line to a journal, and returns when it is on the disk; raises JournalError."""


class JournalError(MarksError):
    """The journal itself cannot be read or written, so that nothing more may be done by it."""


@dataclass(frozen=True, slots=True)
class UndoResult:
    """The outcome of an undo: the number of files that are as before the run, and the refused ones."""

    restored: int
    errors: tuple[MarksError, ...]


@contextmanager
def create_journal(journal: Path, header: Mapping[str, Any]) -> Iterator[AppendLine]:
    """Create a journal with its first line, and yield the function that appends to it.

    Only the user can read it. Raises JournalError, also where a file of its name exists.
    """
    with _open_journal(journal, os.O_CREAT | os.O_EXCL, _encode(header)) as append_line:
        yield append_line


@contextmanager
def continue_journal(journal: Path) -> Iterator[AppendLine]:
    """Open a journal that exists, and yield the function that appends to it; raises JournalError."""
    with _open_journal(journal, os.O_APPEND, b"\n") as append_line:  # ends a line that was cut off
        yield append_line


@contextmanager
def _open_journal(journal: Path, flags: int, first: bytes) -> Iterator[AppendLine]:
    try:
        descriptor = os.open(journal, os.O_WRONLY | getattr(os, "O_BINARY", 0) | flags, 0o600)
    except OSError as error:
        raise _write_error(journal, error) from error

    def append(content: bytes) -> None:
        try:
            while content:  # a disk that is nearly full takes a part; nothing waits in a buffer
                content = content[os.write(descriptor, content) :]
            os.fsync(descriptor)
        except OSError as error:
            raise _write_error(journal, error) from error

    try:
        append(first)
        yield lambda line: append(_encode(line))
    finally:
        os.close(descriptor)


def read_journal(journal: Path, first: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of a journal of the kind whose first line has all of `first`.

    A line that was cut off is left out: its step was not executed. Raises JournalError for another file.
    """
    lines = _read_lines(journal)
    header = lines[0] if lines and isinstance(lines[0], dict) else {}
    if {key: header.get(key) for key in first} != first:
        raise JournalError(journal, f"{journal} is not a journal of `autocull cull` that can be undone.")
    return lines


def is_journal(journal: Path, first: Mapping[str, Any]) -> bool:
    """Return whether a file is a journal of the kind; raises JournalError where it cannot be read."""
    lines = _read_lines(journal)
    return bool(lines) and isinstance(lines[0], dict) and first.items() <= lines[0].items()


def parse_path(text: str) -> Path:
    """Return an absolute path; raises ValueError for another one, which this program does not write."""
    path = Path(text)
    if not path.is_absolute() or "\0" in text:
        raise ValueError(text)
    return path


def damage_error(journal: Path) -> JournalError:
    """Return the error of a journal with lines that this program does not write."""
    message = f"The journal {journal} is damaged; put the files back by hand, it lists them."
    return JournalError(journal, message)


def _encode(line: Mapping[str, Any]) -> bytes:
    return json.dumps(line).encode("ascii") + b"\n"


def _read_lines(journal: Path) -> list[dict[str, Any]]:
    try:
        raw = journal.read_bytes()
    except OSError as error:
        raise JournalError(journal, f"The journal {journal} cannot be read: {error.strerror}.") from error
    lines = []
    for line in raw.split(b"\n"):
        with suppress(ValueError, RecursionError):
            lines.append(json.loads(line))
    return lines


def _write_error(journal: Path, error: OSError) -> JournalError:
    message = (
        f"The journal {journal} cannot be written: {error.strerror}. What was done so far stays; when the "
        f"cause is gone, `autocull undo {journal}` undoes it."
    )
    return JournalError(journal, message)
