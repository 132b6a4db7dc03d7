"""One SQLite file for several threads: each change is one transaction, each failure a StoreError in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from autocull.errors import StoreError, strip_paths
from autocull.sqlite import DatabaseSchema, check_name, connect, open_temporary, recreate


class Database:
    """The file of `kind` at `file`; where that is None or unusable, a temporary one, and `warn` hears why.

    A file that is damaged or of a newer version is put aside, never deleted, and a fresh one takes its place;
    one that somebody deleted is written again. Raises StoreError for a file that is not ours.
    """

    def __init__(self, file: Path | None, kind: DatabaseSchema, on_warning: Callable[[str], None]) -> None:
        self._file = file
        self._kind = kind
        self._on_warning = on_warning if file is None else lambda text: on_warning(strip_paths(text, file))
        self._lock = RLock()
        self._connection = self._open()
        self._connection.isolation_level = None

    @contextmanager
    def read_connection(self) -> Iterator[sqlite3.Connection]:
        """Hold the file for questions; raises StoreError where it cannot be read."""
        with self._lock, self._translate_errors():
            yield self._connection

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """Hold the file for one transaction: all of it happens or, where anything raises, nothing.

        With `durable` it is on the disk, safe from a power cut, before this returns; without, a power cut may
        undo the last of them, in order. Raises StoreError where it cannot be written.
        """
        with self._lock, self._translate_errors():
            self._restore_if_deleted()
            connection = self._connection
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # after some failures SQLite has rolled back already
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file; what was committed stays."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Turn SQLite's failures into StoreError; a damaged file is put aside at once."""
        try:
            yield
        except (OSError, sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            message = (
                f"The {self._kind.name} cannot be used now ({_describe_error(error)}). Try again in a while."
            )
            raise StoreError(message) from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError):  # a mistake of ours, not the file's
                raise
            self._replace_file("is damaged")
            raise StoreError(f"The {self._kind.name} was damaged and is put aside. Send it again.") from error

    def _open(self) -> sqlite3.Connection:
        if self._file is None:
            return open_temporary(self._kind)
        check_name(self._file, self._kind)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            return connect(self._file, self._kind) or self._renew_file(
                "was written by another version of Autocull"
            )
        except sqlite3.OperationalError as error:  # locked, read-only, no room: nothing wrong with the file
            reason = str(error)
        except sqlite3.DatabaseError:
            return self._renew_file("is damaged")
        except OSError as error:
            reason = error.strerror or str(error)
        return self._use_temporary(reason)

    def _replace_file(self, problem: str) -> None:
        self._connection.close()
        self._connection = open_temporary(self._kind) if self._file is None else self._renew_file(problem)
        self._connection.isolation_level = None

    def _renew_file(self, problem: str) -> sqlite3.Connection:
        assert self._file is not None, "a temporary file is made anew by SQLite itself"
        try:
            return recreate(self._file, self._kind, problem, self._on_warning)
        except (OSError, sqlite3.Error) as error:
            return self._use_temporary(f"it {problem}: {error}")

    def _use_temporary(self, reason: str) -> sqlite3.Connection:
        self._on_warning(f"Jobs do not survive a restart: {self._file} cannot be used ({reason}).")
        self._file = None
        return open_temporary(self._kind)

    def _restore_if_deleted(self) -> None:
        """Write the file again where somebody deleted it under us: we still hold what was in it."""
        if self._file is None or self._file.exists():
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        restored = sqlite3.connect(self._file, timeout=10, check_same_thread=False, isolation_level=None)
        try:
            self._connection.backup(restored)
            restored.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            restored.close()
            raise
        self._connection.close()
        self._connection = restored
        self._on_warning(
            f"The {self._kind.name} {self._file} was deleted while in use; it was written again."
        )


def _describe_error(error: Exception) -> str:
    """Say what failed without naming the file's place, since this goes into answers."""
    return (error.strerror or "the disk fails") if isinstance(error, OSError) else str(error)
