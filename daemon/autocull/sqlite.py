"""SQLite files of our own: recognised by their header, put aside where they cannot be used, never deleted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from autocull.errors import StoreError

SUFFIX = ".sqlite"
"""Our files' names end so; nothing else is opened as one, so that a slip of the hand costs nothing."""


@dataclass(frozen=True, slots=True)
class DatabaseSchema:
    """What a file holds: the mark in its header that says it is ours, the version and tables, and its name.

    `shared` says whether one connection serves several threads, which then take turns by a lock of their own.
    """

    name: str
    application: int
    version: int
    tables: tuple[str, ...]
    shared: bool = False


def check_name(file: Path, schema: DatabaseSchema) -> None:
    """Raise StoreError for a file whose name does not end in `SUFFIX`."""
    if file.suffix != SUFFIX:
        raise StoreError(f"A {schema.name}'s file name ends in {SUFFIX}, so this is not one: {file}")


def connect(file: Path, schema: DatabaseSchema) -> sqlite3.Connection | None:
    """Open the file for writing (WAL), made where it is empty; None where its version is not ours.

    Raises StoreError for another program's file, and sqlite3's errors for one that cannot be used.
    """
    connection = _open_connection(file, schema)
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
            raise StoreError(f"This file belongs to another program, so Autocull leaves it alone: {file}")
        if version in (0, schema.version):
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
    """Open a nameless file: SQLite holds it in a temporary place and removes it at the end."""
    connection = _open_connection("", schema)
    _create_tables(connection, schema)
    return connection


def recreate(
    file: Path, schema: DatabaseSchema, problem: str, on_warning: Callable[[str], None]
) -> sqlite3.Connection:
    """Put the file aside and make a new one in its place; `on_warning` hears `problem` is wrong and where
    it lies.

    Raises OSError or sqlite3's errors where that is not possible.
    """
    backup = rename_unusable(file)
    connection = connect(file, schema)
    assert connection is not None, "a new file has our version"
    on_warning(f"The {schema.name} {file} {problem}; it now lies in {backup.name}, and a new one was made.")
    return connection


def rename_unusable(file: Path) -> Path:
    """Rename a file, with the two that SQLite keeps beside it, to the first free name; returns that."""
    names = (file.with_name(f"{file.stem}-aside-{number}{SUFFIX}") for number in count(1))
    backup = next(name for name in names if not name.exists())
    for tail in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + tail).rename(backup.with_name(backup.name + tail))
    return backup


def _open_connection(path: Path | str, schema: DatabaseSchema) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=10, check_same_thread=not schema.shared)


def _create_tables(connection: sqlite3.Connection, schema: DatabaseSchema) -> None:
    """Make the tables where they are missing, in one transaction, which also proves that writing works."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        if not connection.execute("PRAGMA user_version").fetchone()[0]:
            for statement in schema.tables:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {schema.application}")
            connection.execute(f"PRAGMA user_version = {schema.version}")
