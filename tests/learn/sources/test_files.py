"""Decisions from sidecars, hers and not ours; and from two folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import ManifestError
from autocull.judge.settings import DEFAULT_MARKS
from autocull.judge.verdict import Marks
from autocull.learn.sources.files import read_folders, read_sidecars
from autocull.output.sidecars.merge import Policy
from autocull.output.sidecars.sidecar import write_sidecar
from autocull.read import Frame
from support.xmp_samples import lightroom

PICK, REJECT = 'xmpDM:pick="1" xmpDM:good="true"', 'xmpDM:pick="-1" xmpDM:good="false"'


def photo(folder: Path, name: str, marks: str | None = None) -> Path:
    """Put a photo there, with these marks in a sidecar."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.NEF"
    path.write_bytes(b"raw " + name.encode())
    if marks is not None:
        path.with_suffix(".xmp").write_text(lightroom(marks), "utf-8")
    return path


def decided(*folders: Path) -> dict[str, bool]:
    """Read the sidecars below the folders."""
    return {each.path.stem: each.selected for each in read_sidecars(folders, DEFAULT_MARKS).decisions}


def test_flags_in_sidecars(tmp_path: Path) -> None:
    """Picked, rejected; a shoot with both leaves the others undecided, one with picks alone does not."""
    photo(tmp_path / "a", "1", PICK)
    photo(tmp_path / "a", "2", REJECT)
    photo(tmp_path / "a", "3")
    photo(tmp_path / "b", "4", PICK)
    photo(tmp_path / "b", "5")
    assert decided(tmp_path) == {"1": True, "2": False, "4": True, "5": False}


def test_stars_count_where_there_are_no_flags(tmp_path: Path) -> None:
    """Who works with stars selects with them."""
    photo(tmp_path / "a", "1", 'xmp:Rating="2"')
    photo(tmp_path / "a", "2", 'xmp:Rating="0"')
    assert decided(tmp_path) == {"1": True, "2": False}


def test_our_marks_are_not_hers(tmp_path: Path) -> None:
    """Noted ones left alone say nothing, changed ones count."""
    left, changed = photo(tmp_path / "a", "1"), photo(tmp_path / "a", "2")
    for path in (left, changed):
        write_sidecar(Frame(path), Marks(0, "red", -1), policy=Policy())
    sidecar = changed.with_suffix(".xmp")
    text = sidecar.read_text("utf-8")
    text = text.replace(' xmpDM:pick="-1"', ' xmpDM:pick="1"').replace(
        ' xmpDM:good="false"', ' xmpDM:good="true"'
    )
    sidecar.write_text(text, "utf-8")
    assert decided(tmp_path) == {"2": True}


def test_marks_that_look_like_the_plugins_are_left_out(tmp_path: Path) -> None:
    """They arrive through Lightroom, unnoted: red and rejected together is ours, rejected alone is hers."""
    photo(tmp_path / "a", "1", f'{REJECT} xmp:Label="Red" photoshop:LabelColor="red"')
    photo(tmp_path / "a", "2", REJECT)
    assert decided(tmp_path) == {"2": False}


def test_a_damaged_sidecar_is_counted(tmp_path: Path) -> None:
    """Its neighbours are read."""
    photo(tmp_path / "a", "1", PICK)
    photo(tmp_path / "a", "2").with_suffix(".xmp").write_text("<x:xmpmeta", "utf-8")
    found = read_sidecars([tmp_path], DEFAULT_MARKS)
    assert found.left_out == {"with a sidecar that cannot be read": 1}
    assert len(found.decisions) == 1


def test_two_folders(tmp_path: Path) -> None:
    """One of selects and one of rejects; a copy of a select among the rejects says nothing."""
    photo(tmp_path / "best", "1")
    for name in ("1", "2", "3"):
        photo(tmp_path / "all", name)
    found = read_folders(tmp_path / "best", tmp_path / "all")
    assert [(each.path.stem, each.selected) for each in found.decisions] == [
        ("1", True), ("2", False), ("3", False),
    ]  # fmt: skip


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(ManifestError, match="There is no folder"):
        read_sidecars([tmp_path / "gone"], DEFAULT_MARKS)
    with pytest.raises(ManifestError, match="There is no folder"):
        read_folders(tmp_path / "gone", tmp_path)
