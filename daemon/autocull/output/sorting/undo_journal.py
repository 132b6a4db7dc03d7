"""Execution of a plan with a journal, and its undoing.

Whenever the machine stops, this holds: the journal line that announces a step MUST be on the disk before the
step is executed, and the line that confirms it is written after it. A line is a JSON object; the file is only
appended to. `undo` therefore finds every step that may have happened, checks on the disk how far the last one
came, and appends what it undid to the same journal. A journal without a last line "complete" is of a run that
was stopped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from autocull.atomic_write import temporary_path
from autocull.errors import MarksError
from autocull.output.journal import (
    JournalError,
    UndoResult,
    continue_journal,
    create_journal,
    damage_error,
    parse_path,
    read_journal,
)
from autocull.output.sorting import file_operations
from autocull.output.sorting.folder_lock import is_locked, lock_target
from autocull.output.sorting.plan import FileOperation, SortMode, SortPlan
from autocull.read import FileIdentity

SORT_FORMAT = {"journal": "autocull sort", "version": 1}
"""The first line of a journal of sorting."""

_TEMPORARY_NAME = re.compile(r"\.autocull-[0-9a-f]{16}\.tmp")


@dataclass(frozen=True, slots=True)
class StoppedRun:
    """A run of sorting that was stopped before its end: its journal, and the number of files to put back."""

    journal: Path
    files: int


@dataclass(slots=True)
class _Entry:
    """One step of the journal; `source_identity` and `target_identity` are those after it was done."""

    number: int
    kind: SortMode | Literal["folder"]
    source: Path
    target: Path
    temporary: list[Path]
    source_identity: FileIdentity | None = None
    target_identity: FileIdentity | None = None
    done: bool = False
    undone: bool = False


def execute(plan: SortPlan, journal: Path, *, on_step: Callable[[FileOperation], None] | None = None) -> int:
    """Execute `plan` with each step in the new file `journal`, and return the number of files.

    `on_step` is called after each file. Raises MarksError at the first step that fails; the steps before it
    stay done, and the message names the command that undoes them.
    """
    with create_journal(journal, {**SORT_FORMAT, "into": str(plan.into)}) as append_entry:
        numbers = iter(range(2 * 10**9))
        for step in plan.steps:
            try:
                for folder in _missing_folders(step.target.parent):
                    _make_folder(folder, next(numbers), append_entry)
                _execute_step(step, plan.how, next(numbers), append_entry)
            except OSError as error:
                raise _step_error(step, plan.how, journal, error) from error
            if on_step is not None:
                on_step(step)
        append_entry({"complete": True})
    return len(plan.steps)


def find_stopped_runs(into: Path) -> list[StoppedRun]:
    """Return the runs of sorting into `into` that were stopped and not undone, by the journals next to it.

    None while another run sorts into it.
    """
    if is_locked(into):
        return []
    stopped_runs = []
    try:
        journals = sorted(path for path in into.parent.iterdir() if path.suffix == ".journal")
    except OSError:
        return []
    for journal in journals:
        if not journal.name.startswith(f"{into.name}-"):
            continue
        with suppress(MarksError):  # no journal of sorting, or one that `undo` refuses with its reason
            contents = _parse_journal(journal)
            pending = [entry for entry in contents.entries if not entry.undone]
            if pending and contents.is_stopped:
                stopped_runs.append(StoppedRun(journal, sum(entry.kind != "folder" for entry in pending)))
    return stopped_runs


def undo(journal: Path) -> UndoResult:
    """Undo all steps of `journal`, the last one first; a second time does nothing.

    A file that changed since, or whose former path is taken, is refused and stays where it is. A copy is only
    removed while it and its original are unchanged, a link while it is still the same file, a folder that was
    created while it is empty. Raises MarksError where the journal itself cannot be read or written; what was
    undone before stays undone.
    """
    contents = _parse_journal(journal)
    restored, errors = 0, []
    with lock_target(contents.into or journal), continue_journal(journal) as append_entry:
        for entry in reversed(contents.entries):
            if entry.undone:
                continue
            try:
                restored += _undo_entry(entry, append_entry)
                if entry.kind != "folder" or not entry.target.is_dir():
                    append_entry({"undone": entry.number})
            except JournalError:
                raise
            except MarksError as error:
                errors.append(error)
            except OSError as error:
                errors.append(_refusal_error(entry.target, f"it cannot be put back ({error.strerror})"))
    return UndoResult(restored, tuple(errors))


def _make_folder(folder: Path, number: int, append_entry: Callable[[dict[str, Any]], None]) -> None:
    append_entry({"step": number, "do": "folder", "source": str(folder), "target": str(folder)})
    folder.mkdir()
    append_entry({"done": number})


def _execute_step(
    step: FileOperation, how: SortMode, number: int, append_entry: Callable[[dict[str, Any]], None]
) -> None:
    temporary = temporary_path(step.target)
    paths = {"source": str(step.source), "target": str(step.target), "temporary": str(temporary)}
    append_entry({"step": number, "do": how, **paths})
    source_identity = file_operations.identity_of(step.source)
    if how == "copy":
        file_operations.copy(step.source, step.target, temporary)
    elif how == "link":
        file_operations.link(step.source, step.target)
    else:
        file_operations.move(step.source, step.target, temporary)
    append_entry(
        {"done": number, "source": source_identity, "target": file_operations.identity_of(step.target)}
    )


def _undo_entry(entry: _Entry, append_entry: Callable[[dict[str, Any]], None]) -> int:
    """Undo one step as far as it came; returns the number of files that were undone (0 or 1)."""
    for temporary in entry.temporary:
        file_operations.discard(temporary)
    if entry.kind == "folder":
        _remove_if_empty(entry.target)
        return 0
    if not os.path.lexists(entry.target):
        return _undo_missing(entry)
    if entry.kind == "move" and not os.path.lexists(entry.source):
        return _move_back(entry, append_entry)
    _check_unchanged(entry)
    file_operations.remove(entry.target, entry.source)
    return 1


def _undo_missing(entry: _Entry) -> int:
    """Check a step without its target: it never happened or is undone already, unless the file is lost."""
    if entry.kind == "move" and not os.path.lexists(entry.source):
        raise _refusal_error(entry.target, "it is at neither its new nor its old path")
    return 0


def _move_back(entry: _Entry, append_entry: Callable[[dict[str, Any]], None]) -> int:
    if entry.done and file_operations.identity_of(entry.target) != entry.target_identity:
        raise _refusal_error(entry.target, "it changed since it was moved")
    if not entry.source.parent.is_dir():
        raise _refusal_error(entry.target, f"its old folder {entry.source.parent} is gone")
    temporary = temporary_path(entry.source)
    append_entry({"undoing": entry.number, "temporary": str(temporary)})
    file_operations.move(entry.target, entry.source, temporary)
    return 1


def _check_unchanged(entry: _Entry) -> None:
    """Raise MarksError unless the target is Autocull's unchanged copy or link of a file that exists."""
    if not os.path.lexists(entry.source):
        raise _refusal_error(entry.target, f"its original {entry.source} is gone")
    if entry.kind == "link":
        if not entry.target.samefile(entry.source):
            raise _refusal_error(entry.target, "it is no longer the file that was linked")
    elif entry.kind == "move" or not entry.done:  # stopped between copying and removing: both exist
        if not file_operations.same_content(entry.target, entry.source):
            raise _refusal_error(entry.target, f"another file is at its old path {entry.source}")
    elif file_operations.identity_of(entry.target) != entry.target_identity:
        raise _refusal_error(entry.target, "it changed since it was copied")
    elif file_operations.identity_of(entry.source).size != entry.target.stat().st_size:
        raise _refusal_error(entry.target, f"it is no copy of {entry.source}")
    elif file_operations.identity_of(entry.source) != entry.source_identity:
        raise _refusal_error(entry.target, f"its original {entry.source} changed since it was copied")


def _remove_if_empty(folder: Path) -> None:
    """Remove a folder that Autocull created, if it is empty."""
    try:
        folder.rmdir()
    except OSError:
        if folder.is_dir() and not any(folder.iterdir()):
            raise


def _missing_folders(folder: Path) -> list[Path]:
    """Return the folders that have to be created for `folder`, outermost first."""
    folders = [each for each in (folder, *folder.parents) if not each.is_dir()]
    return folders[::-1]


@dataclass(slots=True)
class _Contents:
    """The contents of a journal: the target folder (None in those of version 0.1), and the steps in order."""

    into: Path | None
    entries: list[_Entry]
    complete: bool

    @property
    def is_stopped(self) -> bool:
        """Whether the run was stopped; journals of version 0.1 show it only within a step."""
        if self.into is not None:
            return not self.complete
        return bool(self.entries) and not self.entries[-1].done


def _parse_journal(journal: Path) -> _Contents:
    """Return the contents of a journal; raises JournalError for another file and for a damaged one."""
    header, *lines = read_journal(journal, SORT_FORMAT)
    entries: dict[int, _Entry] = {}
    try:
        into = parse_path(header["into"]) if "into" in header else None
        for line in lines:
            _apply_line(line, entries)
    except (KeyError, TypeError, ValueError) as error:
        raise damage_error(journal) from error
    return _Contents(into, list(entries.values()), any("complete" in line for line in lines))


def _apply_line(line: dict[str, Any], entries: dict[int, _Entry]) -> None:
    """Update the entries by one line of the journal; raises KeyError, TypeError or ValueError for others."""
    if "step" in line:
        number, kind = line["step"], line["do"]
        entry = _Entry(number, kind, parse_path(line["source"]), parse_path(line["target"]), [])
        if kind not in ("folder", *get_args(SortMode)) or entry.source.name != entry.target.name:
            raise ValueError(kind)
        if "temporary" in line:
            entry.temporary.append(_parse_temporary(line["temporary"], entry))
        entries[number] = entry
    elif "done" in line:
        entry = entries[line["done"]]
        entry.done = True
        if "target" in line:
            entry.source_identity, entry.target_identity = (
                FileIdentity(*line["source"]),
                FileIdentity(*line["target"]),
            )
    elif "undoing" in line:
        entry = entries[line["undoing"]]
        entry.temporary.append(_parse_temporary(line["temporary"], entry))
    elif "undone" in line:
        entries[line["undone"]].undone = True
    elif line != {"complete": True}:
        raise ValueError(line)


def _parse_temporary(text: str, entry: _Entry) -> Path:
    """Return the path of a temporary file, which undo removes; raises ValueError for any other file."""
    path = parse_path(text)
    is_next = path.parent in (entry.source.parent, entry.target.parent)
    if not is_next or not _TEMPORARY_NAME.fullmatch(path.name):
        raise ValueError(text)
    return path


def _step_error(step: FileOperation, how: SortMode, journal: Path, error: OSError) -> MarksError:
    verbs = {"copy": "copied", "link": "linked", "move": "moved"}
    hint = " The drive may not support links: use --copy." if how == "link" else ""
    message = (
        f"{step.source} could not be {verbs[how]} to {step.target}: {error.strerror}.{hint} The steps before "
        f"it are done; `autocull undo {journal}` undoes them."
    )
    return MarksError(step.source, message)


def _refusal_error(path: Path, reason: str) -> MarksError:
    return MarksError(path, f"{path} was left where it is: {reason}.")
