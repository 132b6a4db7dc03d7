"""Undoing of a run by its journal, whatever it wrote."""

from __future__ import annotations

from pathlib import Path

from autocull.output.journal import UndoResult, is_journal
from autocull.output.sidecars import sidecar_journal
from autocull.output.sorting import undo_journal


def undo(journal: Path) -> UndoResult:
    """Undo what the run of `journal` did: the sorting of photos, or its sidecars; a second time does nothing.

    What changed since is refused and stays. Raises JournalError where the journal is none, or cannot be read
    or written; what was undone before stays undone.
    """
    if is_journal(journal, sidecar_journal.SIDECAR_FORMAT):
        return sidecar_journal.undo_sidecars(journal)
    return undo_journal.undo(journal)
