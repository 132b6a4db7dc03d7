"""Tests of the store: evidence is restored exactly, changes are noticed, other files are not harmed."""

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
from autocull.pipeline import evidence_store
from autocull.pipeline.evidence_store import (
    RETRY_DELAY,
    TRANSIENT_CODES,
    VERSION,
    EvidenceStore,
    Measurement,
    identify,
)
from autocull.read import Frame
from support import cull_run_fakes as fakes
from support.job_fixtures import Clock


@contextmanager
def open_store(file: Path | None, warnings: list[str] | None = None) -> Iterator[EvidenceStore]:
    """Open a store whose warnings go to `warnings`; without it, a warning fails the test."""
    with closing(EvidenceStore(file, warnings.append if warnings is not None else pytest.fail)) as store:
        yield store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a store, in a folder that does not exist yet."""
    return tmp_path / "cache" / "store.sqlite"


def put(store: EvidenceStore, frame: Frame, outcome: Evidence | PhotoError | None = None) -> bytes:
    """Store a measurement of `frame`; returns its identity."""
    identity = identify(frame, fakes.VERSIONS)
    assert identity is not None
    store.put(frame.path, identity, Measurement(outcome or fakes.evidence(), fakes.JPEG))
    return identity


def test_evidence_is_restored_after_closing(file: Path, tmp_path: Path) -> None:
    """A measurement is equal in the next run, in values and types, with its thumbnail."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with open_store(file) as store:
        identity = put(store, frame)
    with open_store(file) as store:
        outcomes = store.get({frame.path: identity})
        assert store.thumbnail(frame.path) == fakes.JPEG
    assert outcomes == {frame.path: fakes.evidence()}
    assert repr(outcomes[frame.path]) == repr(fakes.evidence())


@given(st.floats(0, 1), st.integers(0, 3))
def test_numbers_are_restored_exactly(sharp: float, faces: int) -> None:
    """A verdict from stored evidence is the verdict of the first run."""
    with open_store(None) as store:
        store.put(Path("a.jpg"), b"1", Measurement(fakes.evidence(sharp, faces=faces)))
        assert store.get({Path("a.jpg"): b"1"}) == {Path("a.jpg"): fakes.evidence(sharp, faces=faces)}


def test_many_photos_are_returned_at_once(file: Path, tmp_path: Path) -> None:
    """More photos than fit into one query are all returned."""
    paths = {tmp_path / f"{number}.jpg": str(number).encode() for number in range(1201)}
    with open_store(file) as store:
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
def test_changed_file_has_another_identity(
    tmp_path: Path, change: Callable[[Path], None], which: int
) -> None:
    """Size or time of any of the frame's files changes its identity; a missing file has none."""
    raw, jpeg = fakes.frames_in(tmp_path, "a.nef", "a.jpg")
    frame = replace(raw, companions=(jpeg.path,))
    before = identify(frame, fakes.VERSIONS)
    change(frame.files[which])
    assert before is not None
    assert identify(frame, fakes.VERSIONS) != before


def test_identity_depends_on_the_models(tmp_path: Path) -> None:
    """The version of every detector is part of the identity; their order is not."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    assert identify(frame, {"a": "1", "b": "1"}) == identify(frame, {"b": "1", "a": "1"})
    assert identify(frame, {"a": "1", "b": "1"}) != identify(frame, {"a": "1", "b": "2"})


def test_outdated_measurement_is_not_returned(file: Path, tmp_path: Path) -> None:
    """A photo with another identity is absent, and its next measurement replaces the old one."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with open_store(file) as store:
        put(store, frame)
        assert store.get({frame.path: b"another"}) == {}
        store.put(frame.path, b"another", Measurement(fakes.evidence(0.25)))
        assert store.get({frame.path: b"another"}) == {frame.path: fakes.evidence(0.25)}
        assert store.thumbnail(frame.path) is None


def test_only_lasting_errors_are_stored(file: Path, tmp_path: Path) -> None:
    """A damaged file is not read again unchanged; a transient error is tried again."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with open_store(file) as store:
        identity = put(store, frame, PhotoError(frame.path, "It is damaged.", code="damaged"))
        error = store.get({frame.path: identity})[frame.path]
        assert isinstance(error, PhotoError)
        assert (error.code, error.message, error.path) == ("damaged", "It is damaged.", frame.path)
        for code in TRANSIENT_CODES:
            passing = PhotoError(tmp_path / code, "Later.", code=code)
            assert not store.put(tmp_path / code, b"1", Measurement(passing))
            assert store.get({tmp_path / code: b"1"}) == {}


@pytest.mark.parametrize(
    "name", ["line\nbreak.jpg", "ünï.jpg", unicodedata.normalize("NFD", "ünï.jpg"), "\udcff.jpg"]
)
def test_any_file_name_is_a_key(name: str) -> None:
    """Names with control characters, in either Unicode form or with invalid bytes, are different."""
    if "\udcff" in name and sys.platform in ("darwin", "win32"):
        pytest.skip("this system has no such names")
    names = [Path("ünï.jpg"), Path(unicodedata.normalize("NFD", "ünï.jpg")), Path(name)]
    with open_store(None) as store:
        for number, path in enumerate(dict.fromkeys(names)):
            store.put(path, bytes([number]), Measurement(fakes.evidence()))
        assert len(store.get({path: bytes([n]) for n, path in enumerate(dict.fromkeys(names))})) == len(
            set(names)
        )


def test_relative_and_absolute_paths_are_one_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is the absolute path, so the working folder does not matter."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    monkeypatch.chdir(tmp_path)
    relative = Frame(Path("a.jpg"))
    assert identify(relative, {}) == identify(frame, {})
    with open_store(None) as store:
        put(store, frame)
        assert store.thumbnail(relative.path) == fakes.JPEG


def _write_garbage(file: Path) -> None:
    file.write_bytes(b"no database " * 100)


def _write_newer_version(file: Path) -> None:
    with open_store(file), closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")


@pytest.mark.parametrize(
    ("damage", "problem"), [(_write_garbage, "damaged"), (_write_newer_version, "another version")]
)
def test_unusable_store_is_renamed_and_recreated(
    file: Path, tmp_path: Path, damage: Callable[[Path], None], problem: str
) -> None:
    """It is not deleted, there is one warning, and the new store works."""
    file.parent.mkdir()
    damage(file)
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    before, warnings = file.read_bytes(), list[str]()
    with open_store(file, warnings) as store:
        identity = put(store, frame)
    assert (file.parent / "store-aside-1.sqlite").read_bytes() == before
    assert len(warnings) == 1
    assert problem in warnings[0]
    assert "store-aside-1.sqlite" in warnings[0]
    with open_store(file) as store:
        assert store.get({frame.path: identity})
    damage(file)
    with open_store(file, warnings):
        assert (file.parent / "store-aside-2.sqlite").is_file()


def test_damage_during_a_run_is_survived(file: Path, tmp_path: Path) -> None:
    """A store with damaged pages is renamed at the first query that reads them."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(200)))
    with open_store(file) as store:
        identities = {frame.path: put(store, frame) for frame in frames}
    content = bytearray(file.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    file.write_bytes(content)
    warnings: list[str] = []
    with open_store(file, warnings) as store:
        assert store.get(identities) == {}
        put(store, frames[0])
        assert len(store.get(identities)) == 1
    assert "damaged" in warnings[0]


def test_evidence_with_other_fields_is_measured_again(file: Path, tmp_path: Path) -> None:
    """Evidence that lacks a present field is not returned."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with open_store(file) as store:
        identity = put(store, frame)
        with closing(sqlite3.connect(file)) as other, other:
            other.execute('UPDATE photos SET evidence = \'{"kind": "jpeg"}\'')
        assert store.get({frame.path: identity}) == {}


def test_photo_as_the_store_is_refused(tmp_path: Path) -> None:
    """A store's name ends in .sqlite; any other file is unchanged."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    before = frame.path.read_bytes()
    with pytest.raises(StoreError, match=r"\.sqlite"):
        EvidenceStore(frame.path, pytest.fail)
    assert frame.path.read_bytes() == before


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """A database with other tables stays as it was, byte for byte."""
    file = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE Adobe_images (id INTEGER)")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        EvidenceStore(file, pytest.fail)
    assert file.read_bytes() == before


def test_unwritable_folder_is_a_warning(tmp_path: Path) -> None:
    """Results are kept for this run only, and there is one warning."""
    (tmp_path / "cache").write_text("a file where the folder should be")
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    warnings: list[str] = []
    with open_store(tmp_path / "cache" / "store.sqlite", warnings) as store:
        identity = put(store, frame)
        assert store.get({frame.path: identity}) == {frame.path: fakes.evidence()}
    assert len(warnings) == 1
    assert "not kept for the next run" in warnings[0]


def test_full_disk_is_one_warning(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the store cannot grow, measurements are held until it is closed, and stored ones stay."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    connections: list[sqlite3.Connection] = []

    def record(path: Path, schema: sqlite.DatabaseSchema) -> sqlite3.Connection | None:
        connection = open_file(path, schema)
        connections.extend([connection] if connection else [])
        return connection

    open_file = sqlite.open_file
    monkeypatch.setattr(sqlite, "open_file", record)
    warnings: list[str] = []
    with open_store(file, warnings) as store:
        identity = put(store, frames[0])
        pages = connections[0].execute("PRAGMA page_count").fetchone()[0]
        connections[0].execute(f"PRAGMA max_page_count = {pages}")
        big = Measurement(fakes.evidence(), b"x" * 100_000, b"print")
        assert all(store.put(frame.path, b"1", big) for frame in frames[1:])
        assert store.get({frames[0].path: identity})
        kept = {frame.path: b"1" for frame in frames[1:]}
        assert store.get(kept) == dict.fromkeys(kept, fakes.evidence())
        assert store.get(dict.fromkeys(kept, b"2")) == {}
        assert store.find_unchanged(kept) == set(kept)
        assert store.fingerprints(kept) == dict.fromkeys(kept, b"print")
        store.renew(frames[1].path, b"2")
        assert store.find_unchanged(dict.fromkeys(kept, b"2")) == {frames[1].path}
    assert len(warnings) == 1
    assert "full" in warnings[0]
    with open_store(file) as store:
        assert store.get(kept) == {}


def test_locked_file_is_tried_again(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written is held, not given up for good; the next measurements are written again."""
    monkeypatch.setattr(sqlite, "_TIMEOUT", 0.01)
    frames, elapsed = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg"), Clock(0)
    warnings: list[str] = []
    with closing(EvidenceStore(file, warnings.append, elapsed)) as store:
        put(store, frames[0])
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            locked = put(store, frames[1])
        put(store, frames[2])  # within the delay, although the lock is gone
        assert len(warnings) == 1
        assert store.get({frames[1].path: locked}) == {frames[1].path: fakes.evidence()}
        elapsed.now += RETRY_DELAY
        for frame in frames[1:]:
            put(store, frame)
    with open_store(file) as store:
        identities = {frame.path: identify(frame, fakes.VERSIONS) or b"" for frame in frames}
        assert len(store.get(identities)) == 3


def test_identity_that_cannot_be_written_is_held(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photo into which a host wrote metadata stays valid while another program locks the file."""
    monkeypatch.setattr(sqlite, "_TIMEOUT", 0.01)
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    warnings: list[str] = []
    with open_store(file, warnings) as store:
        store.put(frame.path, b"1", Measurement(fakes.evidence(), None, b"print"))
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            store.renew(frame.path, b"2")
        assert store.get({frame.path: b"2"}) == {frame.path: fakes.evidence()}
        assert store.fingerprints([frame.path]) == {frame.path: b"print"}


def test_two_runs_share_a_store(file: Path, tmp_path: Path) -> None:
    """What one run stores, another that has the store open reads at once (WAL)."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    with open_store(file) as one, open_store(file) as other:
        identity = put(one, frame)
        assert other.get({frame.path: identity}) == {frame.path: fakes.evidence()}
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("spelling", ["../shoot/a.jpg", "./a.jpg", "linked/a.jpg", "a.jpg"])
def test_other_spellings_name_the_same_photo(
    spelling: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative paths, `..` and links to folders: nothing is measured anew."""
    shoot = tmp_path / "shoot"
    shoot.mkdir()
    [frame] = fakes.frames_in(shoot, "a.jpg")
    try:
        (shoot / "linked").symlink_to(shoot, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets users make no links")
    monkeypatch.chdir(shoot)
    with open_store(file) as store:
        put(store, frame)
        other = replace(frame, path=Path(spelling))
        identity = identify(other, fakes.VERSIONS)
        assert identity is not None
        assert store.get({other.path: identity}) == {other.path: fakes.evidence()}


@pytest.mark.parametrize(
    "name", ["a.jpg", "folder/a.jpg", "folder/../a.jpg", "./a.jpg", "link/a.jpg", "ä b.jpg"]
)
@pytest.mark.parametrize("absolute", [True, False])
def test_key_is_the_real_folder_and_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, absolute: bool
) -> None:
    """A relative path counts from the present folder, also after that has changed."""
    other = tmp_path / "other"
    for each in (tmp_path, other):
        (each / "folder").mkdir(parents=True)
        try:
            (each / "link").symlink_to(each / "folder", target_is_directory=True)
        except OSError:
            (each / "link").mkdir()  # Windows without the right to create links
    for base in (tmp_path, other, tmp_path):
        monkeypatch.chdir(base)
        path = base / name if absolute else Path(name)
        expected = (base / name).parent.resolve() / (base / name).name
        assert evidence_store._path_key(path) == os.fsencode(expected)
