"""One file for several threads: all of a change or nothing, failures in words, nobody's file is harmed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from autocull.errors import StoreError
from autocull.serve import database as module
from autocull.serve.database import Database
from autocull.sqlite import DatabaseSchema

SCHEMA = DatabaseSchema(
    "file", application=7, version=1, tables=("CREATE TABLE things (n INTEGER UNIQUE)",), shared=True
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Open a file that must not complain."""
    with closing(Database(tmp_path / "a.sqlite", SCHEMA, pytest.fail)) as opened:
        yield opened


def things(database: Database) -> list[int]:
    """List what is in the file."""
    with database.read_connection() as connection:
        return [n for (n,) in connection.execute("SELECT n FROM things ORDER BY n")]


def test_a_change_happens_whole_or_not_at_all(database: Database) -> None:
    """Whatever is raised in its middle, the file is as before, and takes the next change."""

    def fail(error: BaseException) -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO things VALUES (1)")
            raise error

    for error in (KeyError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            fail(error)
        assert things(database) == []
    with database.transaction(durable=True) as connection:
        connection.execute("INSERT INTO things VALUES (1)")
    assert things(database) == [1]


@pytest.mark.parametrize(("lasting", "level"), [(True, 2), (False, 1)])
def test_what_must_last_is_on_the_disk(database: Database, lasting: bool, level: int) -> None:
    """SQLite waits for the disk (FULL) where a power cut must not undo it, and only there."""
    with database.transaction(durable=lasting) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (level,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_threads_take_turns(database: Database) -> None:
    """Changes of many threads at once all happen, each whole."""

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
    assert things(database) == list(range(200))


def test_a_mistake_of_ours_is_no_damage(database: Database) -> None:
    """A broken rule of the tables is raised as it is, and nothing is put aside."""
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as connection:
        connection.executemany("INSERT INTO things VALUES (?)", [(1,), (1,)])
    assert things(database) == []


def test_a_closed_file_is_said_to_be_unusable(tmp_path: Path) -> None:
    """A request that comes while the daemon ends gets an answer in words, without the file's place."""
    database = Database(tmp_path / "a.sqlite", SCHEMA, pytest.fail)
    database.close()
    with pytest.raises(StoreError) as caught:
        things(database)
    assert str(tmp_path) not in caught.value.message


@pytest.mark.parametrize("name", ["photo.jpg", "jobs"])
def test_a_file_of_another_name_is_refused(tmp_path: Path, name: str) -> None:
    """A slip of the hand costs no photo."""
    (tmp_path / name).write_bytes(b"precious")
    with pytest.raises(StoreError, match=r"\.sqlite"):
        Database(tmp_path / name, SCHEMA, pytest.fail)
    assert (tmp_path / name).read_bytes() == b"precious"


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    """Byte for byte as it was; a store of evidence is another program's too."""
    file = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE Adobe_images (id INTEGER)")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Database(file, SCHEMA, pytest.fail)
    assert file.read_bytes() == before


def failing(error: Exception) -> Callable[..., Any]:
    """Make a function that raises."""

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
def test_row_19_a_place_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Nothing is put aside: the file may be whole. A sentence names the reason, and the rest works."""
    file, said = tmp_path / "home" / "a.sqlite", list[str]()
    Database(file, SCHEMA, pytest.fail).close()
    before = file.read_bytes()
    monkeypatch.setattr(module, "connect", failing(error))
    with closing(Database(file, SCHEMA, said.append)) as database:
        with database.transaction() as connection:
            connection.execute("INSERT INTO things VALUES (1)")
        assert things(database) == [1]
    assert file.read_bytes() == before
    [sentence] = said
    assert "do not survive a restart" in sentence
    assert (error.strerror if isinstance(error, OSError) else str(error)) in sentence
    assert str(tmp_path) not in sentence


def test_row_19_a_damaged_file_that_cannot_be_put_aside_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where renaming fails too, the file stays as it is, and jobs live until the end."""
    file, said = tmp_path / "a.sqlite", list[str]()
    file.write_bytes(b"no database " * 100)
    monkeypatch.setattr(module, "recreate", failing(OSError(13, "Permission denied")))
    with closing(Database(file, SCHEMA, said.append)) as database:
        assert things(database) == []
    assert file.read_bytes() == b"no database " * 100
    assert "is damaged" in said[0]
    assert "Permission denied" in said[0]
