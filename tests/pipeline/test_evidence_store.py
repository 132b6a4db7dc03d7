"""The store: what was measured comes back as it was, changes are noticed, and nobody's file is harmed."""

from __future__ import annotations

import os
import sqlite3
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull import sqlite
from autocull.errors import PhotoError, StoreError
from autocull.measure.evidence import Evidence
from autocull.pipeline.evidence_store import TRANSIENT_CODES, VERSION, EvidenceStore, Measurement, identify
from autocull.read import Frame
from support import cull_run_fakes as fakes


@contextmanager
def opened(file: Path | None, said: list[str] | None = None) -> Iterator[EvidenceStore]:
    """Open a store whose warnings go to `said`; without it, a warning fails the test."""
    with closing(EvidenceStore(file, said.append if said is not None else pytest.fail)) as store:
        yield store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the place of a store, in a folder that is not there yet."""
    return tmp_path / "cache" / "store.sqlite"


def keep(store: EvidenceStore, frame: Frame, found: Evidence | PhotoError | None = None) -> bytes:
    """Keep a measurement of `frame`; returns its identity."""
    identity = identify(frame, fakes.VERSIONS)
    assert identity is not None
    store.put(frame.path, identity, Measurement(found or fakes.evidence(), fakes.JPEG))
    return identity


def test_evidence_comes_back_equal_after_the_store_was_closed(file: Path, tmp_path: Path) -> None:
    """What was measured is there in the next run, value for value and type for type, with its thumbnail."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with opened(file) as store:
        identity = keep(store, frame)
    with opened(file) as store:
        known = store.get({frame.path: identity})
        assert store.thumbnail(frame.path) == fakes.JPEG
    assert known == {frame.path: fakes.evidence()}
    assert repr(known[frame.path]) == repr(fakes.evidence())


@given(st.floats(0, 1), st.integers(0, 3))
def test_no_digit_is_lost(sharp: float, faces: int) -> None:
    """Any number comes back exactly: a verdict from the store is the verdict of the first run."""
    with opened(None) as store:
        store.put(Path("a.jpg"), b"1", Measurement(fakes.evidence(sharp, faces=faces)))
        assert store.get({Path("a.jpg"): b"1"}) == {Path("a.jpg"): fakes.evidence(sharp, faces=faces)}


def test_many_photos_are_looked_up_at_once(file: Path, tmp_path: Path) -> None:
    """More photos than fit into one question to SQLite are all found."""
    paths = {tmp_path / f"{number}.jpg": str(number).encode() for number in range(1201)}
    with opened(file) as store:
        for path, identity in paths.items():
            store.put(path, identity, Measurement(PhotoError(path, "No.", code="damaged")))
        assert set(store.get(paths)) == set(paths)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(path.read_bytes() + b"!"),
        lambda path: os.utime(path, ns=(1, path.stat().st_mtime_ns + 1)),
        lambda path: path.unlink(),
    ],
    ids=["size", "time", "gone"],
)
@pytest.mark.parametrize("which", [0, 1], ids=["raw", "companion"])
def test_a_changed_file_is_another_photo(tmp_path: Path, change: Callable[[Path], None], which: int) -> None:
    """Size or time of any of the frame's files changes its identity; a file that is gone has none."""
    raw, jpeg = fakes.frames_in(tmp_path, "a.nef", "a.jpg")
    frame = replace(raw, companions=(jpeg.path,))
    before = identify(frame, fakes.VERSIONS)
    change(frame.files[which])
    assert before is not None
    assert identify(frame, fakes.VERSIONS) != before


def test_another_model_measures_anew(tmp_path: Path) -> None:
    """The version of every member is part of the identity; their order is not."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    assert identify(frame, {"a": "1", "b": "1"}) == identify(frame, {"b": "1", "a": "1"})
    assert identify(frame, {"a": "1", "b": "1"}) != identify(frame, {"a": "1", "b": "2"})


def test_an_old_measurement_is_not_the_photos_any_more(file: Path, tmp_path: Path) -> None:
    """A photo whose identity differs is absent, and its next measurement takes the old one's place."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with opened(file) as store:
        keep(store, frame)
        assert store.get({frame.path: b"another"}) == {}
        store.put(frame.path, b"another", Measurement(fakes.evidence(0.25)))
        assert store.get({frame.path: b"another"}) == {frame.path: fakes.evidence(0.25)}
        assert store.thumbnail(frame.path) is None


def test_lasting_errors_are_kept_and_passing_ones_are_not(file: Path, tmp_path: Path) -> None:
    """A damaged file is not tried again unchanged; one that was only in the way of something is."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with opened(file) as store:
        identity = keep(store, frame, PhotoError(frame.path, "It is damaged.", code="damaged"))
        known = store.get({frame.path: identity})[frame.path]
        assert isinstance(known, PhotoError)
        assert (known.code, known.message, known.path) == ("damaged", "It is damaged.", frame.path)
        for code in TRANSIENT_CODES:
            passing = PhotoError(tmp_path / code, "Later.", code=code)
            assert not store.put(tmp_path / code, b"1", Measurement(passing))
            assert store.get({tmp_path / code: b"1"}) == {}


@pytest.mark.parametrize(
    "name", ["line\nbreak.jpg", "ünï.jpg", unicodedata.normalize("NFD", "ünï.jpg"), "\udcff.jpg"]
)
def test_any_file_name_is_a_key(name: str) -> None:
    """Names with control characters, in either Unicode form or in no valid one, are told apart."""
    if "\udcff" in name and sys.platform in ("darwin", "win32"):
        pytest.skip("this system has no such names")
    names = [Path("ünï.jpg"), Path(unicodedata.normalize("NFD", "ünï.jpg")), Path(name)]
    with opened(None) as store:
        for number, path in enumerate(dict.fromkeys(names)):
            store.put(path, bytes([number]), Measurement(fakes.evidence()))
        assert len(store.get({path: bytes([n]) for n, path in enumerate(dict.fromkeys(names))})) == len(
            set(names)
        )


def test_relative_and_absolute_paths_are_one_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is the absolute path, so the folder one works in does not matter."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    monkeypatch.chdir(tmp_path)
    relative = Frame(Path("a.jpg"))
    assert identify(relative, {}) == identify(frame, {})
    with opened(None) as store:
        keep(store, frame)
        assert store.thumbnail(relative.path) == fakes.JPEG


def _garbage(file: Path) -> None:
    file.write_bytes(b"no database " * 100)


def _newer(file: Path) -> None:
    with opened(file), closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")


@pytest.mark.parametrize(("spoil", "word"), [(_garbage, "damaged"), (_newer, "another version")])
def test_an_unusable_store_is_put_aside_and_made_anew(
    file: Path, tmp_path: Path, spoil: Callable[[Path], None], word: str
) -> None:
    """It is renamed, never deleted, a sentence says so, and the new one works."""
    file.parent.mkdir()
    spoil(file)
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    before, said = file.read_bytes(), list[str]()
    with opened(file, said) as store:
        identity = keep(store, frame)
    assert (file.parent / "store-aside-1.sqlite").read_bytes() == before
    assert len(said) == 1
    assert word in said[0]
    assert "store-aside-1.sqlite" in said[0]
    with opened(file) as store:
        assert store.get({frame.path: identity})
    spoil(file)
    with opened(file, said):
        assert (file.parent / "store-aside-2.sqlite").is_file()


def test_damage_found_in_the_middle_of_a_run_is_survived(file: Path, tmp_path: Path) -> None:
    """A store whose inner pages are spoiled is put aside at the first question that meets them."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(200)))
    with opened(file) as store:
        wanted = {frame.path: keep(store, frame) for frame in frames}
    content = bytearray(file.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    file.write_bytes(content)
    said: list[str] = []
    with opened(file, said) as store:
        assert store.get(wanted) == {}
        keep(store, frames[0])
        assert len(store.get(wanted)) == 1
    assert "damaged" in said[0]


def test_evidence_of_another_shape_is_measured_again(file: Path, tmp_path: Path) -> None:
    """Evidence that lacks a field of today's is as good as unknown."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with opened(file) as store:
        identity = keep(store, frame)
        with closing(sqlite3.connect(file)) as other, other:
            other.execute('UPDATE photos SET evidence = \'{"kind": "jpeg"}\'')
        assert store.get({frame.path: identity}) == {}


def test_a_photo_given_as_the_store_is_not_touched(tmp_path: Path) -> None:
    """A store's name ends in .sqlite; anything else is refused."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    before = frame.path.read_bytes()
    with pytest.raises(StoreError, match=r"\.sqlite"):
        EvidenceStore(frame.path, pytest.fail)
    assert frame.path.read_bytes() == before


def test_another_programs_database_is_not_touched(tmp_path: Path) -> None:
    """A database with somebody else's tables is refused, byte for byte as it was."""
    file = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE Adobe_images (id INTEGER)")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        EvidenceStore(file, pytest.fail)
    assert file.read_bytes() == before


def test_without_a_place_for_the_store_the_run_goes_on(tmp_path: Path) -> None:
    """Where the folder cannot be made, results are held for this run, and a sentence says so."""
    (tmp_path / "cache").write_text("a file where the folder should be")
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    said: list[str] = []
    with opened(tmp_path / "cache" / "store.sqlite", said) as store:
        identity = keep(store, frame)
        assert store.get({frame.path: identity}) == {frame.path: fakes.evidence()}
    assert len(said) == 1
    assert "not kept for the next run" in said[0]


def test_a_full_disk_is_said_once_and_the_run_goes_on(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the store cannot grow, `keep` says False from there on, and what was kept stays."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    connections: list[sqlite3.Connection] = []

    def record(path: Path, schema: sqlite.DatabaseSchema) -> sqlite3.Connection | None:
        connection = open_file(path, schema)
        connections.extend([connection] if connection else [])
        return connection

    open_file = sqlite.open_file
    monkeypatch.setattr(sqlite, "open_file", record)
    said: list[str] = []
    with opened(file, said) as store:
        identity = keep(store, frames[0])
        pages = connections[0].execute("PRAGMA page_count").fetchone()[0]
        connections[0].execute(f"PRAGMA max_page_count = {pages}")
        big = Measurement(fakes.evidence(), b"x" * 100_000)
        assert [store.put(frame.path, b"1", big) for frame in frames[1:]] == [False, False]
        assert store.get({frames[0].path: identity})
    assert len(said) == 1
    assert "full" in said[0]


def test_two_runs_share_a_store(file: Path, tmp_path: Path) -> None:
    """What one run keeps, another that has the store open sees at once (WAL)."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with opened(file) as one, opened(file) as other:
        identity = keep(one, frame)
        assert other.get({frame.path: identity}) == {frame.path: fakes.evidence()}
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
