"""Decisions from sidecars, without Autocull's own marks; and from two folders."""

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
from support.decision_cases import CASES, UNSET_MARKS, Case, name_cases, repeat_photos
from support.xmp_samples import lightroom, marked_sidecar

SHOOTS = [
    case
    for case in CASES["shoots"]
    if not any("copy" in photo or photo.get("rating") == -1 for photo in case["photos"])
]
"""The cases without virtual copies, which sidecars do not have, and without -1, a reject in sidecars."""

PICK, REJECT = 'xmpDM:pick="1" xmpDM:good="true"', 'xmpDM:pick="-1" xmpDM:good="false"'


def make_photo(folder: Path, name: str, marks: str | None = None) -> Path:
    """Create a photo in the folder, with these marks in a sidecar."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.NEF"
    path.write_bytes(b"raw " + name.encode())
    if marks is not None:
        path.with_suffix(".xmp").write_text(lightroom(marks), "utf-8")
    return path


def read_decisions(*folders: Path) -> dict[str, bool]:
    """Return whether each photo was selected, by name, from the sidecars below the folders."""
    return {each.path.stem: each.selected for each in read_sidecars(folders, DEFAULT_MARKS).decisions}


def test_flags_in_sidecars(tmp_path: Path) -> None:
    """In a shoot with picks and rejects the others are undecided; with picks only they were passed over."""
    make_photo(tmp_path / "a", "1", PICK)
    make_photo(tmp_path / "a", "2", REJECT)
    make_photo(tmp_path / "a", "3")
    make_photo(tmp_path / "b", "4", PICK)
    make_photo(tmp_path / "b", "5")
    assert read_decisions(tmp_path) == {"1": True, "2": False, "4": True, "5": False}


def test_marks_inside_the_photo_and_in_a_file_of_its_name_are_decisions(tmp_path: Path) -> None:
    """Of IMG.NEF.xmp, and of the packet in a JPEG; the sidecar's marks come first."""
    make_photo(tmp_path, "1").with_name("1.NEF.xmp").write_text(lightroom(PICK), "utf-8")
    make_photo(tmp_path, "2", REJECT).with_name("2.NEF.xmp").write_text(lightroom(PICK), "utf-8")
    packet = b"http://ns.adobe.com/xap/1.0/\0" + lightroom(PICK).encode()
    content = b"\xff\xd8\xff\xe1" + (len(packet) + 2).to_bytes(2) + packet
    (tmp_path / "3.jpg").write_bytes(content)
    make_photo(tmp_path, "4")
    assert read_decisions(tmp_path) == {"1": True, "2": False, "3": True}


def test_stars_count_without_flags(tmp_path: Path) -> None:
    """Photos with stars are selected, the others were passed over."""
    make_photo(tmp_path / "a", "1", 'xmp:Rating="2"')
    make_photo(tmp_path / "a", "2", 'xmp:Rating="0"')
    assert read_decisions(tmp_path) == {"1": True, "2": False}


def test_marks_of_autocull_are_not_the_photographers(tmp_path: Path) -> None:
    """Marks that Autocull noted are no decision, unless they were changed."""
    unchanged, changed = make_photo(tmp_path / "a", "1"), make_photo(tmp_path / "a", "2")
    for path in (unchanged, changed):
        write_sidecar(Frame(path), Marks(0, "red", -1), policy=Policy())
    sidecar = changed.with_suffix(".xmp")
    text = sidecar.read_text("utf-8")
    text = text.replace(' xmpDM:pick="-1"', ' xmpDM:pick="1"').replace(
        ' xmpDM:good="false"', ' xmpDM:good="true"'
    )
    sidecar.write_text(text, "utf-8")
    assert read_decisions(tmp_path) == {"2": True}


@pytest.mark.parametrize("case", name_cases(SHOOTS))
def test_shoot_is_decided_as_in_its_case(case: Case, tmp_path: Path) -> None:
    """By the rules of the plug-in, which runs the same cases."""
    photos, decisions = repeat_photos(case)
    expected: dict[str, bool] = {}
    for number, (marks, decision) in enumerate(zip(photos, decisions, strict=True)):
        written = UNSET_MARKS | marks["written"] if marks.get("written") else None
        path = make_photo(tmp_path / "a", str(number))
        path.with_suffix(".xmp").write_text(marked_sidecar(UNSET_MARKS | marks, written), "utf-8")
        if decision is not None:
            expected[str(number)] = decision == "select"
    assert read_decisions(tmp_path) == expected


def test_marks_equal_to_the_plugins_are_left_out(tmp_path: Path) -> None:
    """They come through Lightroom without a note: red and rejected is Autocull's, rejected only is not."""
    make_photo(tmp_path / "a", "1", f'{REJECT} xmp:Label="Red" photoshop:LabelColor="red"')
    make_photo(tmp_path / "a", "2", REJECT)
    assert read_decisions(tmp_path) == {"2": False}


def test_damaged_sidecar_is_counted(tmp_path: Path) -> None:
    """The other sidecars are read."""
    make_photo(tmp_path / "a", "1", PICK)
    make_photo(tmp_path / "a", "2").with_suffix(".xmp").write_text("<x:xmpmeta", "utf-8")
    decision_set = read_sidecars([tmp_path], DEFAULT_MARKS)
    assert decision_set.left_out == {"with a sidecar that cannot be read": 1}
    assert len(decision_set.decisions) == 1


def test_folders_of_selects_and_rejects(tmp_path: Path) -> None:
    """A copy of a select among the rejects is ignored."""
    make_photo(tmp_path / "best", "1")
    for name in ("1", "2", "3"):
        make_photo(tmp_path / "all", name)
    decision_set = read_folders(tmp_path / "best", tmp_path / "all")
    assert [(each.path.stem, each.selected) for each in decision_set.decisions] == [
        ("1", True), ("2", False), ("3", False),
    ]  # fmt: skip


def test_missing_folder_is_named(tmp_path: Path) -> None:
    """The message contains its path."""
    with pytest.raises(ManifestError, match="There is no folder"):
        read_sidecars([tmp_path / "gone"], DEFAULT_MARKS)
    with pytest.raises(ManifestError, match="There is no folder"):
        read_folders(tmp_path / "gone", tmp_path)
