"""The SQLite files: atomic changes from several threads, errors with messages, no harm to other files."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from autocull import sqlite as module
from autocull.errors import StoreError
from autocull.sqlite import Database, DatabaseFile, DatabaseSchema

SCHEMA = DatabaseSchema(
    "file",
    application=7,
    version=1,
    tables=("CREATE TABLE things (n INTEGER UNIQUE)",),
    temporary_warning="Numbers are lost",
    shared=True,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Open a file that must not warn."""
    with closing(Database(tmp_path / "a.sqlite", SCHEMA, pytest.fail)) as database:
        yield database


def read_numbers(database: Database) -> list[int]:
    """Return the numbers in the file."""
    with database.read_connection() as connection:
        return [n for (n,) in connection.execute("SELECT n FROM things ORDER BY n")]


def test_transaction_is_atomic(database: Database) -> None:
    """After any exception in its middle the file is unchanged, and takes the next change."""

    def fail(error: BaseException) -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO things VALUES (1)")
            raise error

    for error in (KeyError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            fail(error)
        assert read_numbers(database) == []
    with database.transaction(durable=True) as connection:
        connection.execute("INSERT INTO things VALUES (1)")
    assert read_numbers(database) == [1]


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_durable_transactions_are_synchronous(database: Database, durable: bool, level: int) -> None:
    """SQLite waits for the disk (FULL) only where a power cut must not undo the change."""
    with database.transaction(durable=durable) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (level,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_threads_take_turns(database: Database) -> None:
    """Changes of several threads at once all take effect, each completely."""

    def count() -> None:
        for _ in range(50):
            with database.transaction() as connection:
                [high] = connection.execute("SELECT count(*) FROM things").fetchone()
                connection.execute("INSERT INTO things VALUES (?)", (high,))

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert read_numbers(database) == list(range(200))


def test_integrity_error_is_no_damage(database: Database) -> None:
    """It is a bug: raised as it is, and the file is not renamed."""
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as connection:
        connection.executemany("INSERT INTO things VALUES (?)", [(1,), (1,)])
    assert read_numbers(database) == []


def test_closed_file_is_reported(tmp_path: Path) -> None:
    """As for a request while the daemon stops; the message has no path."""
    database = Database(tmp_path / "a.sqlite", SCHEMA, pytest.fail)
    database.close()
    with pytest.raises(StoreError) as caught:
        read_numbers(database)
    assert str(tmp_path) not in caught.value.message


@pytest.mark.parametrize("name", ["photo.jpg", "jobs"])
def test_file_with_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    """A wrong path costs no photo."""
    (tmp_path / name).write_bytes(b"precious")
    with pytest.raises(StoreError, match=r"\.sqlite"):
        Database(tmp_path / name, SCHEMA, pytest.fail)
    assert (tmp_path / name).read_bytes() == b"precious"


def test_file_of_another_program_is_refused(tmp_path: Path) -> None:
    """It stays byte for byte as it was."""
    file = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE Adobe_images (id INTEGER)")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Database(file, SCHEMA, pytest.fail)
    assert file.read_bytes() == before


def raiser(error: Exception) -> Callable[..., Any]:
    """Return a function that raises."""

    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("attempt to write a readonly database"),
        sqlite3.OperationalError("database is locked"),
        sqlite3.OperationalError("unable to open database file"),
        OSError(30, "Read-only file system"),
    ],
    ids=str,
)
def test_row_19_temporary_file_replaces_an_unusable_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The file is not renamed, since it may be valid. A warning has the reason, and everything works."""
    file, warnings = tmp_path / "home" / "a.sqlite", list[str]()
    Database(file, SCHEMA, pytest.fail).close()
    before = file.read_bytes()
    monkeypatch.setattr(module, "open_file", raiser(error))
    with closing(Database(file, SCHEMA, warnings.append)) as database:
        with database.transaction() as connection:
            connection.execute("INSERT INTO things VALUES (1)")
        assert read_numbers(database) == [1]
    assert file.read_bytes() == before
    [warning] = warnings
    assert "Numbers are lost" in warning
    assert (error.strerror if isinstance(error, OSError) else str(error)) in warning
    assert str(tmp_path) not in warning


def test_row_19_damaged_file_that_cannot_be_renamed_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A temporary file is used."""
    file, warnings = tmp_path / "a.sqlite", list[str]()
    file.write_bytes(b"no database " * 100)
    monkeypatch.setattr(module, "rename_unusable", raiser(OSError(13, "Permission denied")))
    with closing(Database(file, SCHEMA, warnings.append)) as database:
        assert read_numbers(database) == []
    assert file.read_bytes() == b"no database " * 100
    assert "is damaged" in warnings[0]
    assert "Permission denied" in warnings[0]


LASTING = replace(SCHEMA, must_persist=True)


@pytest.mark.parametrize(
    "error",
    [sqlite3.OperationalError("database is locked"), OSError(28, "No space left on device")],
    ids=str,
)
def test_row_19_file_that_must_persist_is_never_replaced_by_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """It is refused, with one warning and without its path, until it can be opened; then all is there."""
    file, warnings = tmp_path / "a.sqlite", list[str]()
    with closing(Database(file, LASTING, pytest.fail)) as database, database.transaction() as connection:
        connection.execute("INSERT INTO things VALUES (1)")
    monkeypatch.setattr(module, "REOPEN_DELAY", 0)
    open_file = module.open_file
    monkeypatch.setattr(module, "open_file", raiser(error))
    with closing(Database(file, LASTING, warnings.append)) as database:
        for _ in range(2):
            with pytest.raises(StoreError) as caught:
                read_numbers(database)
            assert caught.value.parameters == {"reason": "unusable"}
            assert str(tmp_path) not in caught.value.message
        assert len(warnings) == 1
        monkeypatch.setattr(module, "open_file", open_file)
        assert read_numbers(database) == [1]
    assert "can be used again" in warnings[1]


def test_row_19_file_that_fails_is_not_tried_at_every_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock costs 10 s at each try, and all requests wait for it."""
    tries: list[Path] = []

    def fail(path: Path, _: DatabaseSchema) -> None:
        tries.append(path)
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(module, "open_file", fail)
    monkeypatch.setattr(module, "REOPEN_DELAY", 3600)
    with closing(Database(tmp_path / "a.sqlite", LASTING, lambda _: None)) as database:
        for _ in range(3):
            with pytest.raises(StoreError):
                read_numbers(database)
    assert len(tries) == 1


def test_row_19_lock_is_waited_for_briefly_when_a_file_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start for the usual time, which is that of later transactions too."""
    monkeypatch.setattr(module, "REOPEN_DELAY", 0)
    timeouts: list[float | None] = []
    open_file, file = module.open_file, tmp_path / "a.sqlite"

    def fail_twice(path: Path, schema: DatabaseSchema) -> sqlite3.Connection | None:
        timeouts.append(schema.lock_timeout)
        if len(timeouts) <= 2:
            raise sqlite3.OperationalError("database is locked")
        return open_file(path, schema)

    monkeypatch.setattr(module, "open_file", fail_twice)
    with closing(Database(file, LASTING, lambda _: None)) as database:
        with pytest.raises(StoreError):
            read_numbers(database)
        assert read_numbers(database) == []
        with database.read_connection() as connection:
            assert connection.execute("PRAGMA busy_timeout").fetchone() == (10_000,)
    assert timeouts == [None, module.REOPEN_TIMEOUT, module.REOPEN_TIMEOUT]


def test_row_19_tables_without_a_version_are_renamed(tmp_path: Path) -> None:
    """A file of Autocull whose version was lost is kept under another name, and a new one is made."""
    file, warnings = tmp_path / "a.sqlite", list[str]()
    Database(file, LASTING, pytest.fail).close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 0")
    with closing(Database(file, LASTING, warnings.append)) as database:
        assert read_numbers(database) == []
    assert "another version" in warnings[0]
    assert (tmp_path / "a-aside-1.sqlite").exists()


def _make_folder(path: Path) -> None:
    path.mkdir()


def _make_link(path: Path) -> None:
    (path.parent / "photo.jpg").write_bytes(b"a photo")
    path.symlink_to(path.parent / "photo.jpg")


def _make_broken_link(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere" / "a.sqlite")


def _make_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need special rights on Windows")
@pytest.mark.parametrize("make", [_make_folder, _make_link, _make_broken_link, _make_pipe])
def test_row_19_what_is_not_a_file_is_not_opened(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """No link is followed, nothing waits for a pipe, and what is there stays."""
    make(tmp_path / "a.sqlite")
    database = Database(tmp_path / "a.sqlite", LASTING, lambda _: None)
    with closing(database), pytest.raises(StoreError):
        read_numbers(database)
    photo = tmp_path / "photo.jpg"
    assert not photo.exists() or photo.read_bytes() == b"a photo"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_row_12_files_are_private(tmp_path: Path) -> None:
    """A new file and its folder, whatever the umask; and one that an earlier release left readable."""
    file = tmp_path / "new" / "a.sqlite"
    previous_mask = os.umask(0)
    try:
        with closing(Database(file, SCHEMA, pytest.fail)) as database, database.transaction() as connection:
            connection.execute("INSERT INTO things VALUES (1)")
            names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    finally:
        os.umask(previous_mask)
    assert names == dict.fromkeys(["a.sqlite", "a.sqlite-wal", "a.sqlite-shm"], 0o600)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    Database(file, SCHEMA, pytest.fail).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_permissions_of_other_programs_files_stay(tmp_path: Path) -> None:
    """A file that is refused is not changed at all."""
    file = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE Adobe_images (id INTEGER)")
    file.chmod(0o664)
    with pytest.raises(StoreError, match="another program"):
        Database(file, SCHEMA, pytest.fail)
    assert stat.S_IMODE(file.stat().st_mode) == 0o664


def numbers_in(file: DatabaseFile) -> list[int]:
    """Return the numbers in the file."""
    return [n for (n,) in file.connection.execute("SELECT n FROM things ORDER BY n")]


def test_replaced_file_is_renamed_and_empty(tmp_path: Path) -> None:
    """The old content is kept under another name, which the warning has."""
    warnings: list[str] = []
    with closing(DatabaseFile(tmp_path / "a.sqlite", SCHEMA, warnings.append)) as file:
        file.connection.execute("INSERT INTO things VALUES (1)")
        file.replace("is damaged")
        assert numbers_in(file) == []
    [warning] = warnings
    assert warning == (
        f"The file {tmp_path / 'a.sqlite'} is damaged; "
        "it was renamed to a-aside-1.sqlite, and a new one was created."
    )
    with closing(DatabaseFile(tmp_path / "a-aside-1.sqlite", SCHEMA, pytest.fail)) as backup:
        assert numbers_in(backup) == [1]


def test_unnamed_file_is_replaced_without_a_warning() -> None:
    """It is temporary from the beginning."""
    with closing(DatabaseFile(None, SCHEMA, pytest.fail)) as file:
        file.connection.execute("INSERT INTO things VALUES (1)")
        file.replace("is damaged")
        assert numbers_in(file) == []
