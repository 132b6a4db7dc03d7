"""Catalogs: a private copy is read, with what Lightroom has not yet written into it; hers alone counts."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import ManifestError
from autocull.learn.sources import lightroom_catalog as reading
from autocull.learn.sources.lightroom_catalog import read_catalog
from support.lightroom_catalogs import catalog

FOLDER = Path("/photos/2024/Müller")


def quiet(sentence: str) -> None:
    """Fail where something is said."""
    pytest.fail(sentence)


def decided(file: Path) -> dict[str, bool]:
    """Read a catalog; what was decided by the photo's name."""
    return {each.path.stem: each.selected for each in read_catalog(file, quiet).decisions}


def test_paths_and_picks(tmp_path: Path) -> None:
    """Folders are put together; picks select, rejects reject, videos and the undecided are counted."""
    photos = [{"pick": 1.0}, {"pick": -1.0}, {"pick": 0.0}, {"pick": 1.0, "format": "VIDEO"}]
    found = read_catalog(catalog(tmp_path / "a.lrcat", photos), quiet)
    assert [(each.path, each.selected) for each in found.decisions] == [
        (FOLDER / "IMG_1.NEF", True), (FOLDER / "IMG_2.NEF", False),
    ]  # fmt: skip
    assert found.left_out == {"without a decision of yours": 1, "videos": 1}


def test_marks_of_the_plugin_are_not_hers(tmp_path: Path) -> None:
    """What the plug-in noted as its own says nothing; where she changed it, it does."""
    photos = [
        {"pick": -1.0, "ours": {"flag": -1}}, {"pick": 1.0, "ours": {"flag": -1}}, {"pick": -1.0},
        {"pick": 0.0, "rating": 3.0, "ours": {"rating": 3}},
        {"pick": -1.0, "ours": {"flag": -1}, "spec": 2},
    ]  # fmt: skip
    assert decided(catalog(tmp_path / "a.lrcat", photos)) == {"IMG_2": True, "IMG_3": False, "IMG_5": False}


def test_what_the_plugin_marked_was_not_passed_over(tmp_path: Path) -> None:
    """A shoot with picks only: unmarked photos were passed over, but not those under our marks."""
    photos = [{"pick": 1.0}, {"pick": 0.0}, {"pick": 0.0, "rating": 2.0, "ours": {"rating": 2}}]
    assert decided(catalog(tmp_path / "a.lrcat", photos)) == {"IMG_1": True, "IMG_2": False}


def test_imports_are_culled_one_by_one(tmp_path: Path) -> None:
    """Picks in one import say nothing of another one's unmarked photos."""
    photos = [{"pick": 1.0, "imported": 1}, {"imported": 1}, {"imported": 2}]
    assert decided(catalog(tmp_path / "a.lrcat", photos)) == {"IMG_1": True, "IMG_2": False}


def test_virtual_copies_that_disagree_say_nothing(tmp_path: Path) -> None:
    """Master and copy share the file."""
    photos = [{"pick": 1.0}, {"pick": -1.0, "copy": 1}, {"pick": -1.0}, {"pick": -1.0, "copy": 3}]
    assert decided(catalog(tmp_path / "a.lrcat", photos)) == {"IMG_3": False}


def test_what_is_only_in_the_log_is_seen_and_nothing_is_left_beside(tmp_path: Path) -> None:
    """As Lightroom runs: the newest picks lie in the -wal file. The catalog's folder stays as it was."""
    file = catalog(tmp_path / "a.lrcat", [{"pick": 1.0}, {"pick": -1.0}])
    with closing(sqlite3.connect(file)) as lightroom:
        lightroom.execute("PRAGMA journal_mode = WAL")
        lightroom.execute("UPDATE Adobe_images SET pick = 1.0 WHERE id_local = 2")
        lightroom.commit()
        seen = tmp_path / "seen"
        seen.mkdir()
        for name in ("a.lrcat", "a.lrcat-wal"):
            shutil.copy(tmp_path / name, seen / name)
    before = {path.name: path.read_bytes() for path in seen.iterdir()}
    assert decided(seen / "a.lrcat") == {"IMG_1": True, "IMG_2": True}
    assert {path.name: path.read_bytes() for path in seen.iterdir()} == before


def test_an_open_catalog_is_said(tmp_path: Path) -> None:
    """A lock beside it: read all the same, with a word."""
    file = catalog(tmp_path / "a.lrcat", [{"pick": 1.0}])
    (tmp_path / "a.lrcat.lock").touch()
    said: list[str] = []
    assert len(read_catalog(file, said.append).decisions) == 1
    assert len(said) == 1
    assert "Lightroom has a.lrcat open" in said[0]


def test_one_that_keeps_changing_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy made while Lightroom writes would be torn: tried three times, then said."""
    file, copied = catalog(tmp_path / "a.lrcat", [{"pick": 1.0}]), []

    def copying(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes())
        copied.append(source)
        os.utime(file, ns=(len(copied), len(copied)))

    monkeypatch.setattr(reading.shutil, "copyfile", copying)
    with pytest.raises(ManifestError, match="keeps changing; quit Lightroom"):
        read_catalog(file, quiet)
    assert len(copied) == 3


@pytest.mark.parametrize("content", [b"", b"no database at all" * 99, b"SQLite format 3\0" + b"\7" * 4096])
def test_what_is_no_catalog_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, text, or a damaged database."""
    (tmp_path / "a.lrcat").write_bytes(content)
    with pytest.raises(ManifestError, match="it is no Lightroom catalog, or damaged"):
        read_catalog(tmp_path / "a.lrcat", quiet)


def test_a_missing_catalog_is_named(tmp_path: Path) -> None:
    """The path and what the system says."""
    with pytest.raises(ManifestError, match=r"gone\.lrcat cannot be read: No such file"):
        read_catalog(tmp_path / "gone.lrcat", quiet)


def test_real_and_richer_catalogs(shared_data: Path) -> None:
    """A real one of Lightroom 5; one of 66 photos, whose open twin has five more picks in its log alone."""
    folder, said = shared_data / "catalogs", []
    real = read_catalog(folder / "lr5_test_catalog.lrcat", quiet)
    assert (real.decisions, real.left_out) == ([], {"without a decision of yours": 4})
    closed = read_catalog(folder / "made_lr13_closed.lrcat", quiet)
    opened = read_catalog(folder / "made_lr13_open" / "Lightroom Catalog.lrcat", said.append)
    picks = [sum(each.selected for each in found.decisions) for found in (closed, opened)]
    assert picks[1] == picks[0] + 5
    assert len(said) == 1
    assert Path("/Users/ana/Pictures/DSC_0000.NEF") in {each.path for each in opened.decisions}
