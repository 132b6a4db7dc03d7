"""The undo journals: the marks of each photo before and after a job's marks were written, one per job."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from autocull.errors import RequestError
from autocull.sqlite import Database

RETENTION = 90
"""Days on which the daemon ran for which a journal is kept."""


class JournalEntry(NamedTuple):
    """One photo's marks before and after, in the form of the protocol."""

    id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal: its job's `id`, number of `entries` (photos), `created` and `undone` in s since 1970."""

    id: str
    catalog: str | None
    created: float
    undone: float | None
    entries: int


class Journals:
    """The journals in the job database.

    Methods that take a journal's id raise RequestError (`unknown_journal`) if it does not exist.
    """

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    def write(self, job: str, entries: Iterable[JournalEntry]) -> Journal:
        """Add entries to the journal of a job; the first call creates it.

        If the photo has an entry already, each mark takes the new `after` and keeps its first `before` unless
        the photographer set it in between: a new `before` that is not the stored `after` replaces it. A new
        mark brings both. Raises RequestError if there is no such job (`unknown_job`), or if the journal was
        undone (`wrong_state`).
        """
        with self._database.transaction(durable=True) as connection:
            self._ensure_open(connection, job)
            [last] = connection.execute(
                "SELECT max(number) FROM entries WHERE journal = ?", (job,)
            ).fetchone()
            numbers = count((last or 0) + 1)
            for entry in entries:
                if not _merge_entry(connection, job, entry):
                    connection.execute(
                        "INSERT INTO entries (journal, id, number, before, after) VALUES (?, ?, ?, ?, ?)",
                        (job, entry.id, next(numbers), json.dumps(entry.before), json.dumps(entry.after)),
                    )
            return _find_journal(connection, job)

    def list_newest(self, catalog: str | None, limit: int) -> list[Journal]:
        """Return the newest journals of `catalog` (None: of all), at most `limit`, newest first."""
        with self._database.read_connection() as connection:
            rows = connection.execute(
                """SELECT * FROM journal_heads WHERE ? IS NULL OR catalog = ?
                   ORDER BY created DESC, place DESC LIMIT ?""",
                (catalog, catalog, limit),
            )
            return [Journal(*row[:5]) for row in rows]

    def list_entries(self, journal: str, after: int, limit: int) -> tuple[list[dict[str, object]], bool]:
        """Return the entries numbered above `after`, at most `limit`, and whether they are the last."""
        with self._database.read_connection() as connection:
            _find_journal(connection, journal)
            rows = connection.execute(
                """SELECT number, id, before, after FROM entries WHERE journal = ? AND number > ?
                   ORDER BY number LIMIT ?""",
                (journal, after, limit + 1),
            ).fetchall()
        entries = [
            {"number": number, "id": id_, "before": json.loads(before), "after": json.loads(after_)}
            for number, id_, before, after_ in rows[:limit]
        ]
        return entries, len(rows) <= limit

    def mark_undone(self, journal: str) -> Journal:
        """Mark a journal as undone; a second call changes nothing."""
        with self._database.transaction(durable=True) as connection:
            _find_journal(connection, journal)
            connection.execute(
                "UPDATE journals SET undone = coalesce(undone, ?) WHERE id = ?", (self._now(), journal)
            )
            return _find_journal(connection, journal)

    def _ensure_open(self, connection: sqlite3.Connection, job: str) -> None:
        """Create the journal if it is missing; raises RequestError if it was undone."""
        inserted = connection.execute(
            "INSERT OR IGNORE INTO journals SELECT id, catalog, ?, NULL FROM jobs WHERE id = ?",
            (self._now(), job),
        )
        if inserted.rowcount:
            return
        row = connection.execute("SELECT undone FROM journals WHERE id = ?", (job,)).fetchone()
        if row is None:
            message = "There is no such job. It may have expired: results are kept for a week."
            raise RequestError(message, code="unknown_job")
        if row[0] is not None:
            message = "This journal was undone. Marks that are written now belong to a new job."
            raise RequestError(message, code="wrong_state", parameters={"reason": "journal_undone"})


def delete_journals(connection: sqlite3.Connection, journals: Iterable[str]) -> None:
    """Delete journals with their entries."""
    for journal in journals:
        connection.execute("DELETE FROM entries WHERE journal = ?", (journal,))
        connection.execute("DELETE FROM journals WHERE id = ?", (journal,))


def _merge_entry(connection: sqlite3.Connection, journal: str, entry: JournalEntry) -> bool:
    """Merge an entry into the photo's existing one, mark by mark; return False if there is none."""
    row = connection.execute(
        "SELECT before, after FROM entries WHERE journal = ? AND id = ?", (journal, entry.id)
    ).fetchone()
    if row is None:
        return False
    before, after = map(json.loads, row)
    changed_since = {mark: value for mark, value in entry.before.items() if after.get(mark, value) != value}
    connection.execute(
        "UPDATE entries SET before = ?, after = ? WHERE journal = ? AND id = ?",
        (
            json.dumps({**entry.before, **before, **changed_since}),
            json.dumps({**after, **entry.after}),
            journal,
            entry.id,
        ),
    )
    return True


def _find_journal(connection: sqlite3.Connection, journal: str) -> Journal:
    row = connection.execute("SELECT * FROM journal_heads WHERE id = ?", (journal,)).fetchone()
    if row is None:
        message = "There is no such journal. It may have expired: journals are kept for 90 days."
        raise RequestError(message, code="unknown_journal")
    return Journal(*row[:5])
