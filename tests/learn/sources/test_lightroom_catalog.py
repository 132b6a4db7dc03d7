"""Catalogs are read from a temporary copy with its log; only the photographer's marks count."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autocull.errors import ManifestError
from autocull.judge.verdict import Marks
from autocull.learn.sources import lightroom_catalog as reading
from autocull.learn.sources.lightroom_catalog import parse_written, read_catalog
from support.decision_cases import CASES, UNSET_MARKS, Case, name_cases, repeat_photos
from support.lightroom_catalogs import write_catalog

FOLDER = Path("/photos/2024/Müller")


def fail_on_warning(sentence: str) -> None:
    """Fail the test on a warning, except that the photos of the sample catalogs are nowhere."""
    if " is not there. " not in sentence:
        pytest.fail(sentence)


def read_decisions(file: Path) -> dict[str, bool]:
    """Return whether each photo of a catalog was selected, by name."""
    return {each.path.stem: each.selected for each in read_catalog(file, fail_on_warning).decisions}


def test_paths_and_picks(tmp_path: Path) -> None:
    """Paths are joined from their parts; picks are selects; videos and undecided photos are counted."""
    photos = [{"pick": 1.0}, {"pick": -1.0}, {"pick": 0.0}, {"pick": 1.0, "format": "VIDEO"}]
    decision_set = read_catalog(write_catalog(tmp_path / "a.lrcat", photos), fail_on_warning)
    assert [(each.path, each.selected) for each in decision_set.decisions] == [
        (FOLDER / "IMG_1.NEF", True), (FOLDER / "IMG_2.NEF", False),
    ]  # fmt: skip
    assert decision_set.left_out == {"without a decision of yours": 1, "videos": 1}


def test_marks_of_the_plugin_are_not_the_photographers(tmp_path: Path) -> None:
    """Marks that the plug-in noted are no decision, unless they were changed."""
    photos = [
        {"pick": -1.0, "written": {"flag": -1}}, {"pick": 1.0, "written": {"flag": -1}}, {"pick": -1.0},
        {"pick": 0.0, "rating": 3.0, "written": {"rating": 3}},
        {"pick": -1.0, "written": {"flag": -1}, "spec": 2},
    ]  # fmt: skip
    assert read_decisions(write_catalog(tmp_path / "a.lrcat", photos)) == {
        "IMG_2": True,
        "IMG_3": False,
        "IMG_5": False,
    }


@pytest.mark.parametrize("case", name_cases(CASES["shoots"]))
def test_shoot_is_decided_as_in_its_case(case: Case, tmp_path: Path) -> None:
    """By the rules of the plug-in, which runs the same cases."""
    photos: list[dict[str, Any]] = []
    expected: dict[str, bool] = {}
    for number, (photo, decision) in enumerate(zip(*repeat_photos(case), strict=True), 1):
        keys = {"pick": photo.get("flag", 0), "rating": photo.get("rating")}
        keys |= {"written": photo["written"]} if "written" in photo else {}
        photos.append(keys | ({"copy": number - 1} if "copy" in photo else {}))
        if decision is not None:
            expected[f"IMG_{photos[-1].get('copy', number)}"] = decision == "select"
    assert read_decisions(write_catalog(tmp_path / "a.lrcat", photos)) == expected


@pytest.mark.parametrize("case", name_cases(CASES["records"]))
def test_record_holds_the_marks_of_its_case(case: Case) -> None:
    """Only values that an auto-cull writes count, as in the plug-in."""
    expected = Marks(**(UNSET_MARKS | case["written"])) if case["written"] else None
    assert parse_written(case["text"]) == expected


@pytest.mark.parametrize("text", [b"\x00", 7, "[" * 100_000])
def test_record_of_another_type_or_depth_holds_no_marks(text: object) -> None:
    """As in a damaged catalog."""
    assert parse_written(text) is None


def test_photos_marked_by_the_plugin_were_not_passed_over(tmp_path: Path) -> None:
    """With picks only, unmarked photos were passed over, but not those with the plug-in's marks."""
    photos = [{"pick": 1.0}, {"pick": 0.0}, {"pick": 0.0, "rating": 2.0, "written": {"rating": 2}}]
    assert read_decisions(write_catalog(tmp_path / "a.lrcat", photos)) == {"IMG_1": True, "IMG_2": False}


def test_imports_are_culled_one_by_one(tmp_path: Path) -> None:
    """Picks in one import do not decide about the unmarked photos of another."""
    photos = [{"pick": 1.0, "imported": 1}, {"imported": 1}, {"imported": 2}]
    assert read_decisions(write_catalog(tmp_path / "a.lrcat", photos)) == {"IMG_1": True, "IMG_2": False}


def test_virtual_copies_that_contradict_are_left_out(tmp_path: Path) -> None:
    """Master and copy share the file."""
    photos = [{"pick": 1.0}, {"pick": -1.0, "copy": 1}, {"pick": -1.0}, {"pick": -1.0, "copy": 3}]
    assert read_decisions(write_catalog(tmp_path / "a.lrcat", photos)) == {"IMG_3": False}


def test_write_ahead_log_is_read_and_the_folder_stays_unchanged(tmp_path: Path) -> None:
    """While Lightroom runs, the newest picks are in the -wal file. The catalog's folder stays unchanged."""
    file = write_catalog(tmp_path / "a.lrcat", [{"pick": 1.0}, {"pick": -1.0}])
    with closing(sqlite3.connect(file)) as lightroom:
        lightroom.execute("PRAGMA journal_mode = WAL")
        lightroom.execute("UPDATE Adobe_images SET pick = 1.0 WHERE id_local = 2")
        lightroom.commit()
        snapshot = tmp_path / "seen"
        snapshot.mkdir()
        for name in ("a.lrcat", "a.lrcat-wal"):
            shutil.copy(tmp_path / name, snapshot / name)
    before = {path.name: path.read_bytes() for path in snapshot.iterdir()}
    assert read_decisions(snapshot / "a.lrcat") == {"IMG_1": True, "IMG_2": True}
    assert {path.name: path.read_bytes() for path in snapshot.iterdir()} == before


def test_open_catalog_gives_a_warning(tmp_path: Path) -> None:
    """A catalog with a lock file is read all the same."""
    file = write_catalog(tmp_path / "a.lrcat", [{"pick": 1.0}])
    (tmp_path / "a.lrcat.lock").touch()
    warnings: list[str] = []
    assert len(read_catalog(file, warnings.append).decisions) == 1
    assert len([each for each in warnings if "Lightroom has" in each]) == 1
    assert "Lightroom has a.lrcat open" in warnings[0]


def test_catalog_that_keeps_changing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy made while Lightroom writes could be inconsistent: three attempts, then an error."""
    file, copied = write_catalog(tmp_path / "a.lrcat", [{"pick": 1.0}]), []

    def copying(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes())
        copied.append(source)
        os.utime(file, ns=(len(copied), len(copied)))

    monkeypatch.setattr(reading.shutil, "copyfile", copying)
    with pytest.raises(ManifestError, match="keeps changing; quit Lightroom"):
        read_catalog(file, fail_on_warning)
    assert len(copied) == 3


@pytest.mark.parametrize("content", [b"", b"no database at all" * 99, b"SQLite format 3\0" + b"\7" * 4096])
def test_invalid_catalog_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, text, or a damaged database."""
    (tmp_path / "a.lrcat").write_bytes(content)
    with pytest.raises(ManifestError, match="it is not a Lightroom catalog, or damaged"):
        read_catalog(tmp_path / "a.lrcat", fail_on_warning)


def test_missing_catalog_is_named(tmp_path: Path) -> None:
    """With the path and the system's message."""
    with pytest.raises(ManifestError, match=r"gone\.lrcat cannot be read: No such file"):
        read_catalog(tmp_path / "gone.lrcat", fail_on_warning)


def test_real_and_larger_catalogs(shared_data: Path) -> None:
    """One of Lightroom 5; one of 66 photos, whose open twin has five more picks, only in its log."""
    folder, warnings = shared_data / "catalogs", []
    real = read_catalog(folder / "lr5_test_catalog.lrcat", fail_on_warning)
    assert (real.decisions, real.left_out) == ([], {"without a decision of yours": 4})
    closed = read_catalog(folder / "made_lr13_closed.lrcat", fail_on_warning)
    opened = read_catalog(folder / "made_lr13_open" / "Lightroom Catalog.lrcat", warnings.append)
    picks = [sum(each.selected for each in decision_set.decisions) for decision_set in (closed, opened)]
    assert picks[1] == picks[0] + 5
    assert len([each for each in warnings if "Lightroom has" in each]) == 1
    assert Path("/Users/ana/Pictures/DSC_0000.NEF") in {each.path for each in opened.decisions}


def test_catalog_that_moved_with_its_photos_finds_them(tmp_path: Path) -> None:
    """By their path relative to the catalog, as Lightroom does; the old drive has another name now."""
    file = write_catalog(tmp_path / "a.lrcat", [{"pick": 1.0}])
    (tmp_path / "Photos").mkdir()
    decision_set = read_catalog(file, pytest.fail)
    assert [each.path for each in decision_set.decisions] == [tmp_path / "Photos/2024/Müller/IMG_1.NEF"]


def test_missing_folder_of_a_catalog_is_named(tmp_path: Path) -> None:
    """Where neither path exists, the decisions stay and the folder is named."""
    warnings: list[str] = []
    decision_set = read_catalog(write_catalog(tmp_path / "a.lrcat", [{"pick": 1.0}]), warnings.append)
    assert [each.path for each in decision_set.decisions] == [FOLDER / "IMG_1.NEF"]
    assert len(warnings) == 1
    assert "/photos/" in warnings[0]


def test_catalog_without_relative_paths_is_read(tmp_path: Path) -> None:
    """Old catalogs lack the column."""
    file = write_catalog(tmp_path / "a.lrcat", [{"pick": 1.0}])
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("ALTER TABLE AgLibraryRootFolder DROP COLUMN relativePathFromCatalog")
    assert [each.path for each in read_catalog(file, fail_on_warning).decisions] == [FOLDER / "IMG_1.NEF"]
