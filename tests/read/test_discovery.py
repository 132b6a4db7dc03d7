"""Finding frames: what is taken, what is named, what is passed over, what belongs together."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.read import Frame, find_frames
from autocull.read.discovery import ScanResult, _pair
from support.raw_files import jpeg_of

JPEG = jpeg_of(np.full((8, 8, 3), 90, np.uint8))


def lay(folder: Path, *names: str, content: bytes = JPEG) -> None:
    """Write files, with the folders they need."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def names(found: ScanResult, folder: Path) -> list[str]:
    """Return the found frames' first files, as they lie below the folder."""
    return [frame.path.relative_to(folder).as_posix() for frame in found.frames]


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    """Files first, by name, then the folders below, whatever order the disk keeps them in."""
    lay(tmp_path, "b/1.jpg", "z.jpg", "a/2.jpg", "a/deep/3.jpg", "c.JPG", "b/0.jpg")
    assert names(find_frames([tmp_path]), tmp_path) == [
        "c.JPG",
        "z.jpg",
        "a/2.jpg",
        "a/deep/3.jpg",
        "b/0.jpg",
        "b/1.jpg",
    ]


def test_given_order_and_no_doubles(tmp_path: Path) -> None:
    """Paths keep the order they are given in; a file given twice, or also by its folder, is found once."""
    lay(tmp_path, "a.jpg", "b.jpg")
    given_ = [tmp_path / "b.jpg", tmp_path, tmp_path / "x" / ".." / "b.jpg", tmp_path / "a.jpg"]
    (tmp_path / "x").mkdir()
    assert names(find_frames(given_), tmp_path) == ["b.jpg", "a.jpg"]


def test_relative_paths_stay_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The photographer sees the paths as she gave them."""
    lay(tmp_path, "shoot/a.jpg")
    monkeypatch.chdir(tmp_path)
    assert find_frames([Path("shoot")]).frames == (Frame(Path("shoot/a.jpg")),)


def test_what_is_taken_from_folders(tmp_path: Path) -> None:
    """Photo suffixes in any case, unknown names with a photo inside; odd names are no reason to skip."""
    taken = ["-rf.jpg", ".hidden.jpg", "A.Jpeg", "no suffix", "odd.photo", "x.HIF", "é.nef"]
    lay(tmp_path, *taken)
    passed = ["a.thm", "a.jpg_original", "a.crdownload"]
    lay(tmp_path, *passed)
    others = ["A.xmp", ".DS_Store", "Thumbs.db", "a.mov", "notes.txt"]
    lay(tmp_path, *others, content=b"no photo")
    found = find_frames([tmp_path])
    assert sorted(names(found, tmp_path)) == sorted(taken)
    assert sorted(path.name for path in found.passed_over) == sorted(passed + others)
    assert found.unreadable == ()


def test_system_folders_are_left_alone(tmp_path: Path) -> None:
    """The trash, thumbnails and Lightroom's previews hold no photos of hers."""
    lay(
        tmp_path,
        ".Trashes/a.jpg",
        "@eaDir/b.jpg",
        "$RECYCLE.BIN/c.jpg",
        "Cat Previews.lrdata/d.jpg",
        "System Volume Information/e.jpg",
        "day 1/f.jpg",
    )
    assert names(find_frames([tmp_path]), tmp_path) == ["day 1/f.jpg"]
    inside = find_frames([tmp_path / ".Trashes"])
    assert len(inside.frames) == 1  # but what she names is read


def test_a_named_file_is_always_tried(tmp_path: Path) -> None:
    """Even a text file becomes a frame when it is named: reading it says what is wrong."""
    lay(tmp_path, "notes.txt", "A.xmp", content=b"text")
    found = find_frames([tmp_path / "notes.txt", tmp_path / "A.xmp"])
    assert names(found, tmp_path) == ["notes.txt", "A.xmp"]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing paths, folders called x.jpg, pipes and links to nothing have an error each."""
    lay(tmp_path, "shoot/ok.jpg", "shoot/x.jpg/inside.jpg")
    (tmp_path / "shoot" / "link.NEF").symlink_to(tmp_path / "gone.NEF")
    (tmp_path / "shoot" / "link.txt").symlink_to(tmp_path / "gone.txt")
    expected = {"x.jpg": "not_a_file", "link.NEF": "missing", "none": "missing"}
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "shoot" / "pipe.jpg")
        expected["pipe.jpg"] = "not_a_file"
    found = find_frames([tmp_path / "shoot", tmp_path / "none"])
    assert {error.path.name: error.code for error in found.unreadable} == expected
    assert names(found, tmp_path) == ["shoot/ok.jpg", "shoot/x.jpg/inside.jpg"]
    alone = find_frames([tmp_path / "shoot" / "x.jpg"])
    assert [error.code for error in alone.unreadable] == ["not_a_file"]
    assert len(alone.frames) == 1


def test_an_unreadable_folder_is_not_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be listed, or has vanished, is named; the others are walked."""
    lay(tmp_path, "a/1.jpg", "b/2.jpg", "c/3.jpg")
    listing = os.scandir

    def guarded(path: Path) -> object:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", guarded)
    found = find_frames([tmp_path])
    assert names(found, tmp_path) == ["a/1.jpg", "c/3.jpg"]
    assert [(error.path.name, error.code) for error in found.unreadable] == [("b", "no_permission")]


def test_an_unreadable_file_of_unknown_kind_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without a photo's name that cannot be opened is no photo."""
    lay(tmp_path, "mystery")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert find_frames([tmp_path]).passed_over == (tmp_path / "mystery",)


def test_links(tmp_path: Path) -> None:
    """Loops end, linked folders are walked once, and a link to a photo that is found anyway is left."""
    lay(tmp_path, "a/1.jpg", "elsewhere/2.jpg")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "a" / "second.jpg").symlink_to(tmp_path / "a" / "1.jpg")
    (tmp_path / "a" / "to2.jpg").symlink_to(tmp_path / "elsewhere" / "2.jpg")
    found = find_frames([tmp_path / "a"])
    assert names(found, tmp_path) == ["a/1.jpg", "a/to2.jpg"]
    assert found.passed_over == (tmp_path / "a" / "second.jpg",)
    both = find_frames([tmp_path / "a" / "second.jpg", tmp_path / "a"])
    assert names(both, tmp_path) == ["a/1.jpg", "a/to2.jpg"]


def test_pairs_are_one_frame(tmp_path: Path) -> None:
    """A RAW and the JPEG or HEIC of its name in its folder are one; the RAW is read."""
    lay(
        tmp_path,
        "I1.JPG",
        "I1.NEF",
        "I2.CR3",
        "I2.HIF",
        "I2.jpg",
        "I3.jpg",
        "sub/I1.JPG",
        "I1.tif",
        "i1.jpeg",
    )
    frames = find_frames([tmp_path]).frames
    assert [frame.path.name for frame in frames] == [
        "I1.NEF",
        "I1.tif",
        "I2.CR3",
        "I3.jpg",
        "i1.jpeg",
        "I1.JPG",
    ]
    assert frames[0].files == (tmp_path / "I1.NEF", tmp_path / "I1.JPG")
    assert frames[2].companions == (tmp_path / "I2.HIF", tmp_path / "I2.jpg")
    assert len(find_frames([tmp_path], pairs=False).frames) == 9


def test_two_raws_of_one_name_are_no_pair(tmp_path: Path) -> None:
    """Whose companion the JPEG is cannot be known, so it stands alone."""
    lay(tmp_path, "I.NEF", "I.DNG", "I.JPG")
    assert find_frames([tmp_path]).frames == tuple(
        Frame(tmp_path / name) for name in ("I.DNG", "I.JPG", "I.NEF")
    )


def test_accents_in_two_spellings_are_two_files(tmp_path: Path) -> None:
    """Composed and decomposed accents are never mixed up, neither as doubles nor as pairs."""
    composed, decomposed = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    lay(tmp_path, f"{composed}.NEF", f"{decomposed}.JPG", f"{decomposed}.NEF", f"{composed}.JPG")
    if len(list(tmp_path.iterdir())) < 4:
        pytest.skip("this disk keeps only one spelling")
    frames = find_frames([tmp_path]).frames
    assert len(frames) == 2
    for frame in frames:
        assert {path.stem for path in frame.files} == {frame.path.stem}
        assert len(frame.files) == 2


def test_very_long_paths(tmp_path: Path) -> None:
    """A path far over 260 characters is walked."""
    deep = tmp_path.joinpath(*["d" * 60] * 6)
    lay(deep, "a.jpg")
    found = find_frames([tmp_path])
    assert found.frames == (Frame(deep / "a.jpg"),)
    assert len(str(found.frames[0].path)) > 400


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([".nef", ".JPG", ".dng", ".tif"])), unique=True)
)
def test_pairing_loses_nothing(found: list[tuple[str, str]]) -> None:
    """Every photo is in exactly one frame, whatever the order."""
    photos = [Path(stem + suffix) for stem, suffix in found]
    files = [path for frame in _pair(photos) for path in frame.files]
    assert sorted(files) == sorted(photos)
