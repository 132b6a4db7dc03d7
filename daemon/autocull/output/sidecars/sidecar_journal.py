"""The journal of the sidecars that a run writes, and its undoing.

Before a sidecar is written, a line with its path, its earlier bytes (none where it is new) and the checksum
of the new ones is on the disk. `undo_sidecars` compares the present bytes with both, so it needs no line that
confirms a step: a sidecar that holds anything else was changed since, and is left alone.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode, b64encode
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autocull.errors import MarksError
from autocull.output.journal import (
    AppendLine,
    JournalError,
    UndoResult,
    continue_journal,
    create_journal,
    damage_error,
    parse_path,
    read_journal,
)
from autocull.output.sidecars.sidecar_file import (
    check_writable,
    read_content,
    remove_created,
    replace_content,
)
from autocull.private_files import make_private_folder

SIDECAR_FORMAT = {"journal": "autocull xmp", "version": 1}
"""The first line of a journal of sidecars."""


class SidecarJournal:
    """Journal of the sidecars of one run; its file, in a new private folder if needed, begins with the first.

    `path` is where the file is or would be, `count` the number of sidecars in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._stack = ExitStack()
        self._append_line: AppendLine | None = None

    def announce(self, sidecar: Path, before: bytes | None, after: bytes) -> None:
        """Add a sidecar that is written next: from `before`, None for a new one, to `after`.

        Raises JournalError where the line cannot be written; the sidecar must not be written then.
        """
        if self._append_line is None:
            try:
                make_private_folder(self.path.parent)
            except OSError as error:
                message = f"The folder of journals {self.path.parent} cannot be created: {error.strerror}."
                raise JournalError(self.path, message) from error
            self._append_line = self._stack.enter_context(create_journal(self.path, SIDECAR_FORMAT))
        earlier = None if before is None else b64encode(zlib.compress(before)).decode("ascii")
        self._append_line(
            {
                "step": self.count,
                "sidecar": str(sidecar.absolute()),
                "before": earlier,
                "after": _digest(after),
            }
        )
        self.count += 1

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._stack.close()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One sidecar of the journal: its earlier bytes, None for a new one, and the checksum of the new ones."""

    number: int
    path: Path
    before: bytes | None
    digest: str


def undo_sidecars(journal: Path) -> UndoResult:
    """Undo all sidecars of `journal`, the last one first; a second time does nothing.

    A sidecar that Autocull created is removed, one that it merged marks into gets its earlier bytes back;
    both only while it holds exactly what Autocull wrote. Another one is refused and left as it is. Raises
    JournalError where the journal cannot be read or written; what was undone before stays undone.
    """
    entries, undone = _parse_entries(journal)
    restored, errors = 0, []
    with continue_journal(journal) as append_line:
        for entry in reversed(entries):
            if entry.number in undone:
                continue
            try:
                restored += _undo_entry(entry)
            except MarksError as error:
                errors.append(error)
            else:
                append_line({"undone": entry.number})
    return UndoResult(restored, tuple(errors))


def _undo_entry(entry: _Entry) -> int:
    """Undo one sidecar; returns 1, or 0 where it is as before already."""
    content = read_content(entry.path)
    if content == entry.before:
        return 0
    if content is None:
        raise MarksError(entry.path, f"{entry.path} was left as it is: it is gone.")
    if _digest(content) != entry.digest:
        raise MarksError(entry.path, f"{entry.path} was left as it is: it changed since Autocull wrote it.")
    check_writable(entry.path)
    if entry.before is None:
        remove_created(entry.path, content)
    else:
        replace_content(entry.path, content, entry.before)
    return 1


def _parse_entries(journal: Path) -> tuple[list[_Entry], set[int]]:
    """Return the sidecars of a journal and the numbers of those undone; raises JournalError."""
    _, *lines = read_journal(journal, SIDECAR_FORMAT)
    entries, undone = [], set()
    try:
        for line in lines:
            if "undone" in line:
                undone.add(int(line["undone"]))
            else:
                entries.append(_parse_entry(line))
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise damage_error(journal) from error
    return entries, undone


def _parse_entry(line: dict[str, Any]) -> _Entry:
    """Return the entry of a line; raises KeyError, TypeError, ValueError or zlib.error for another one."""
    path, before = parse_path(line["sidecar"]), line["before"]
    if path.suffix.lower() != ".xmp":
        raise ValueError(path)
    earlier = None if before is None else zlib.decompress(b64decode(before, validate=True))
    return _Entry(int(line["step"]), path, earlier, str(line["after"]))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
