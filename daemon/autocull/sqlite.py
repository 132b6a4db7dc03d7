"""The SQLite files of Autocull: recognised by their header, renamed if they cannot be used, never deleted."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import RLock

from autocull.errors import StoreError, strip_paths
from autocull.private_files import create_private_file, make_private_folder, restrict_file

SUFFIX = ".sqlite"
"""The suffix of these files; no other file is opened, so that a wrong path does no harm."""

REOPEN_DELAY = 2.0
"""Seconds after which a file that must persist and could not be opened is tried again."""

REOPEN_TIMEOUT = 0.5
"""Seconds to wait for another program's lock when such a file is tried again."""

_TIMEOUT = 10  # seconds to wait for another connection's transaction


@dataclass(frozen=True, slots=True)
class DatabaseSchema:
    """What a file contains: `name` (for messages), `application` id in its header, version and tables.

    `temporary_warning` begins the warning that a temporary file is used instead. With `shared`, a connection
    serves several threads, which must take turns. `additions` are statements that are run at every opening:
    they create what an earlier release did not have. With `must_persist`, no temporary file takes the place
    of one that cannot be used: what would not last is refused. `lock_timeout` is for how many seconds another
    program's lock is waited for (default: 10).
    """

    name: str
    application: int
    version: int
    tables: tuple[str, ...]
    temporary_warning: str
    shared: bool = False
    additions: tuple[str, ...] = ()
    must_persist: bool = False
    lock_timeout: float | None = None


class UnusableFileError(StoreError):
    """A file that must persist cannot be used now; it may be usable later."""


class DatabaseFile:
    """A connection to the SQLite file `file`; to a temporary file if that is None or cannot be used.

    If the schema says that the file must persist, UnusableFileError is raised in place of the latter. File
    and folder are private to the user, and links are not followed. A file that is damaged or of another
    version is renamed, never deleted, and a new one is created.
    `on_warning` receives a sentence about either. Raises StoreError for a file of another program, or whose
    name does not end in `SUFFIX`. The connection has no implicit transactions.
    """

    def __init__(self, file: Path | None, schema: DatabaseSchema, on_warning: Callable[[str], None]) -> None:
        self._file = file
        self._schema = schema
        self._on_warning = on_warning
        self.connection = self._open()

    def close(self) -> None:
        """Close the file; its content stays."""
        self.connection.close()

    def replace(self, problem: str) -> None:
        """Rename the file and use a new one; `problem` is the reason in the warning."""
        self.connection.close()
        self.connection = self._create_anew(problem)

    def restore_if_deleted(self) -> None:
        """Write the file again if it was deleted while in use: the connection still has its content."""
        if self._file is None or self._file.exists():
            return
        _create(self._file)
        restored = _connect(self._file, self._schema)
        try:
            self.connection.backup(restored)
            restored.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            restored.close()
            raise
        self.connection.close()
        self.connection = restored
        self._on_warning(
            f"The {self._schema.name} {self._file} was deleted while in use; it was written again."
        )

    def _open(self) -> sqlite3.Connection:
        if self._file is None:
            return open_temporary(self._schema)
        if self._file.suffix != SUFFIX:
            raise StoreError(f"The file of the {self._schema.name} must end in {SUFFIX}: {self._file}")
        try:
            _create(self._file)
            connection = open_file(self._file, self._schema)
            return connection or self._create_anew("was written by another version of Autocull")
        except sqlite3.OperationalError as error:  # locked, read-only, disk full: the file may be valid
            return self._open_temporary(str(error))
        except sqlite3.DatabaseError:
            return self._create_anew("is damaged")
        except OSError as error:
            return self._open_temporary(error.strerror or str(error))

    def _create_anew(self, problem: str) -> sqlite3.Connection:
        if self._file is None:
            return open_temporary(self._schema)
        try:
            backup = rename_unusable(self._file)
            _create(self._file)
            connection = open_file(self._file, self._schema)
        except (OSError, sqlite3.Error) as error:
            return self._open_temporary(f"it {problem}: {error}")
        assert connection is not None, "a new file has the current version"
        message = f"it was renamed to {backup.name}, and a new one was created"
        self._on_warning(f"The {self._schema.name} {self._file} {problem}; {message}.")
        return connection

    def _open_temporary(self, reason: str) -> sqlite3.Connection:
        if self._schema.must_persist:
            message = f"The {self._schema.name} cannot be used now ({reason}). Try again later."
            raise UnusableFileError(message, parameters={"reason": "unusable"})
        self._on_warning(f"{self._schema.temporary_warning}: {self._file} cannot be used ({reason}).")
        self._file = None
        return open_temporary(self._schema)


class Database:
    """A `DatabaseFile` for several threads: each change is one transaction, each failure a StoreError.

    A damaged file is replaced at once, and one that was deleted while in use is written again. Warnings
    contain no full path, since they are logged. A file that must persist and cannot be opened is tried again
    every `REOPEN_DELAY` seconds; until then every use raises StoreError.
    """

    def __init__(self, file: Path | None, schema: DatabaseSchema, on_warning: Callable[[str], None]) -> None:
        self._path = file
        self._schema = schema
        self._on_warning = on_warning if file is None else lambda text: on_warning(strip_paths(text, file))
        self._lock = RLock()
        self._opened: DatabaseFile | None = None
        self._failure: UnusableFileError | None = None
        self._failed_at = 0.0
        try:
            self._open()
        except UnusableFileError as error:
            self._on_warning(error.message)

    @property
    def _file(self) -> DatabaseFile:
        """Return the open file; if it could not be opened, try that again from time to time."""
        if self._opened is not None:
            return self._opened
        if self._failure is not None and time.monotonic() - self._failed_at < REOPEN_DELAY:
            raise UnusableFileError(self._failure.message, parameters=self._failure.parameters)
        return self._open()

    def _open(self) -> DatabaseFile:
        try:
            schema = self._schema
            if self._failure is not None:  # all requests wait meanwhile
                schema = replace(schema, lock_timeout=REOPEN_TIMEOUT)
            self._opened = DatabaseFile(self._path, schema, self._on_warning)
            self._opened.connection.execute(
                f"PRAGMA busy_timeout = {int(1000 * _lock_timeout(self._schema))}"
            )
        except UnusableFileError as error:
            self._failure = self._strip(error)
            self._failed_at = time.monotonic()
            raise self._failure from error
        if self._failure is not None:
            self._on_warning(f"The {self._schema.name} can be used again.")
        return self._opened

    def _strip(self, error: UnusableFileError) -> UnusableFileError:
        """Return the error without the path of the file: it is sent to clients."""
        if self._path is None:
            return error
        return UnusableFileError(strip_paths(error.message, self._path), parameters=error.parameters)

    @contextmanager
    def read_connection(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for queries; raises StoreError if the file cannot be read."""
        with self._lock, self._translate_errors():
            yield self._file.connection

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """Hold the connection for one transaction; raises StoreError if the file cannot be written.

        With `durable`, it is on the disk before this returns, safe from a power cut; without, a power cut may
        undo the last transactions, in order.
        """
        with self._lock, self._translate_errors():
            self._file.restore_if_deleted()
            connection = self._file.connection
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with transaction(connection):
                yield connection

    def close(self) -> None:
        """Close the file; what was committed stays."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Convert SQLite's errors to StoreError, and replace a damaged file."""
        name = self._schema.name
        try:
            yield
        except (OSError, sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            message = f"The {name} cannot be used now ({_describe_error(error)}). Try again later."
            raise StoreError(message, parameters={"reason": "unusable"}) from error
        except sqlite3.IntegrityError:  # a bug of Autocull, no damage of the file
            raise
        except sqlite3.DatabaseError as error:
            self._file.replace("is damaged")
            message = f"The {name} was damaged, and a new one was created. Send the request again."
            raise StoreError(message, parameters={"reason": "damaged"}) from error


def open_file(file: Path, schema: DatabaseSchema) -> sqlite3.Connection | None:
    """Open the file for writing (WAL), with its tables; None if it is of another version.

    Raises StoreError for a file of another program, and sqlite3's errors for one that cannot be used.
    """
    connection = _connect(file, schema)
    try:
        application, version, tables = (
            connection.execute(query).fetchone()[0]
            for query in (
                "PRAGMA application_id",
                "PRAGMA user_version",
                "SELECT count(*) FROM sqlite_master",
            )
        )
        if application != schema.application and tables:
            raise StoreError(f"This file belongs to another program, so Autocull does not use it: {file}")
        is_empty = version == 0 and not tables
        if is_empty or version == schema.version:
            _restrict(file)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            _create_tables(connection, schema)
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def open_temporary(schema: DatabaseSchema) -> sqlite3.Connection:
    """Open an unnamed file, which SQLite keeps in a temporary folder and deletes when it is closed."""
    connection = _connect("", schema)
    _create_tables(connection, schema)
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one transaction: all of it takes effect or, if anything raises, nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # after some failures SQLite has rolled back already
            connection.execute("ROLLBACK")
        raise


def rename_unusable(file: Path) -> Path:
    """Rename a file and the two that SQLite keeps with it to the first free name, and return that."""
    names = (file.with_name(f"{file.stem}-aside-{number}{SUFFIX}") for number in count(1))
    backup = next(name for name in names if not name.exists())
    for tail in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + tail).rename(backup.with_name(backup.name + tail))
    return backup


def _create(file: Path) -> None:
    """Create file and folder for the user alone; an existing file is checked, its permissions stay."""
    make_private_folder(file.parent)
    create_private_file(file)


def _restrict(file: Path) -> None:
    """Take the permissions of others from a file of Autocull, and from the two that SQLite adds."""
    for tail in ("", "-wal", "-shm"):
        each = file.with_name(file.name + tail)
        if os.path.lexists(each):
            restrict_file(each)


def _connect(path: Path | str, schema: DatabaseSchema) -> sqlite3.Connection:
    timeout = _lock_timeout(schema)
    return sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=not schema.shared)


def _lock_timeout(schema: DatabaseSchema) -> float:
    return _TIMEOUT if schema.lock_timeout is None else schema.lock_timeout


def _create_tables(connection: sqlite3.Connection, schema: DatabaseSchema) -> None:
    """Create missing tables in one transaction, which also checks that the file can be written."""
    with transaction(connection):
        if not connection.execute("PRAGMA user_version").fetchone()[0]:
            for statement in schema.tables:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {schema.application}")
            connection.execute(f"PRAGMA user_version = {schema.version}")
        for statement in schema.additions:
            connection.execute(statement)


def _describe_error(error: Exception) -> str:
    """Return what failed without the path of the file: this is sent to clients."""
    return (error.strerror or "the disk fails") if isinstance(error, OSError) else str(error)
