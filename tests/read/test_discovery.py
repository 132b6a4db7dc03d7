"""Discovery: which files become frames, which are reported, which are passed over, and which are paired."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autocull.read import Frame, find_frames
from autocull.read.discovery import ScanResult
from support.raw_files import jpeg_of

JPEG = jpeg_of(np.full((8, 8, 3), 90, np.uint8))


def write_files(folder: Path, *names: str, content: bytes = JPEG) -> None:
    """Write files and the folders they need."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def names(result: ScanResult, folder: Path) -> list[str]:
    """Return the frames' first files, relative to the folder."""
    return [frame.path.relative_to(folder).as_posix() for frame in result.frames]


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    """Files first, by name, then the subfolders, independent of the order on the disk."""
    write_files(tmp_path, "b/1.jpg", "z.jpg", "a/2.jpg", "a/deep/3.jpg", "c.JPG", "b/0.jpg")
    assert names(find_frames([tmp_path]), tmp_path) == [
        "c.JPG",
        "z.jpg",
        "a/2.jpg",
        "a/deep/3.jpg",
        "b/0.jpg",
        "b/1.jpg",
    ]


def test_given_order_is_kept_without_duplicates(tmp_path: Path) -> None:
    """Paths keep their given order; a file given twice, or also by its folder, is returned once."""
    write_files(tmp_path, "a.jpg", "b.jpg")
    paths = [tmp_path / "b.jpg", tmp_path, tmp_path / "x" / ".." / "b.jpg", tmp_path / "a.jpg"]
    (tmp_path / "x").mkdir()
    assert names(find_frames(paths), tmp_path) == ["b.jpg", "a.jpg"]


def test_relative_paths_stay_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The paths of the frames start with the given path."""
    write_files(tmp_path, "shoot/a.jpg")
    monkeypatch.chdir(tmp_path)
    assert find_frames([Path("shoot")]).frames == (Frame(Path("shoot/a.jpg")),)


def test_photos_in_folders_are_found_by_suffix_or_content(tmp_path: Path) -> None:
    """Photo suffixes in any case, and files of other names with a photo inside; odd names are included."""
    expected = ["-rf.jpg", ".hidden.jpg", "A.Jpeg", "no suffix", "odd.photo", "x.HIF", "é.nef"]
    write_files(tmp_path, *expected)
    ignored = ["a.thm", "a.jpg_original", "a.crdownload"]
    write_files(tmp_path, *ignored)
    others = ["A.xmp", ".DS_Store", "Thumbs.db", "a.mov", "notes.txt"]
    write_files(tmp_path, *others, content=b"no photo")
    result = find_frames([tmp_path])
    assert sorted(names(result, tmp_path)) == sorted(expected)
    assert sorted(path.name for path in result.passed_over) == sorted(ignored + others)
    assert result.unreadable == ()


def test_system_folders_are_skipped(tmp_path: Path) -> None:
    """Trash, thumbnails and Lightroom's previews are skipped, unless they are given by name."""
    write_files(
        tmp_path,
        ".Trashes/a.jpg",
        "@eaDir/b.jpg",
        "$RECYCLE.BIN/c.jpg",
        "Cat Previews.lrdata/d.jpg",
        "System Volume Information/e.jpg",
        "#recycle/g.jpg",
        "__MACOSX/h.jpg",
        "PRIVATE/M4ROOT/THMBNL/C0001T01.JPG",
        "MISC/THM/100/i.JPG",
        "Photos Library.photoslibrary/originals/A/j.jpeg",
        "Old.aplibrary/Masters/k.jpg",
        "Cloud.lrlibrary/l.jpg",
        "iPhoto.migratedphotolibrary/m.jpg",
        "day 1/f.jpg",
    )
    assert names(find_frames([tmp_path]), tmp_path) == ["day 1/f.jpg"]
    inside = find_frames([tmp_path / ".Trashes"])
    assert len(inside.frames) == 1


def test_file_given_by_name_is_always_a_frame(tmp_path: Path) -> None:
    """Even a text file becomes a frame if it is given by name: reading it reports the error."""
    write_files(tmp_path, "notes.txt", "A.xmp", content=b"text")
    result = find_frames([tmp_path / "notes.txt", tmp_path / "A.xmp"])
    assert names(result, tmp_path) == ["notes.txt", "A.xmp"]


def test_unreadable_paths_are_reported(tmp_path: Path) -> None:
    """Missing paths, folders called x.jpg, pipes and broken links have an error each."""
    write_files(tmp_path, "shoot/ok.jpg", "shoot/x.jpg/inside.jpg")
    (tmp_path / "shoot" / "link.NEF").symlink_to(tmp_path / "gone.NEF")
    (tmp_path / "shoot" / "link.txt").symlink_to(tmp_path / "gone.txt")
    expected = {"x.jpg": "not_a_file", "link.NEF": "missing", "none": "missing"}
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "shoot" / "pipe.jpg")
        expected["pipe.jpg"] = "not_a_file"
    result = find_frames([tmp_path / "shoot", tmp_path / "none"])
    assert {error.path.name: error.code for error in result.unreadable} == expected
    assert names(result, tmp_path) == ["shoot/ok.jpg", "shoot/x.jpg/inside.jpg"]
    alone = find_frames([tmp_path / "shoot" / "x.jpg"])
    assert [error.code for error in alone.unreadable] == ["not_a_file"]
    assert len(alone.frames) == 1


def test_unreadable_folder_does_not_end_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be listed is reported; the others are walked."""
    write_files(tmp_path, "a/1.jpg", "b/2.jpg", "c/3.jpg")
    listing = os.scandir

    def guarded(path: Path) -> object:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", guarded)
    result = find_frames([tmp_path])
    assert names(result, tmp_path) == ["a/1.jpg", "c/3.jpg"]
    assert [(error.path.name, error.code) for error in result.unreadable] == [("b", "no_permission")]


def test_unreadable_file_without_photo_suffix_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without a photo's suffix that cannot be opened is no photo."""
    write_files(tmp_path, "mystery")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert find_frames([tmp_path]).passed_over == (tmp_path / "mystery",)


def test_links_are_followed_once(tmp_path: Path) -> None:
    """Loops end, linked folders are walked once, and a link to an included photo is passed over."""
    write_files(tmp_path, "a/1.jpg", "elsewhere/2.jpg")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "a" / "second.jpg").symlink_to(tmp_path / "a" / "1.jpg")
    (tmp_path / "a" / "to2.jpg").symlink_to(tmp_path / "elsewhere" / "2.jpg")
    result = find_frames([tmp_path / "a"])
    assert names(result, tmp_path) == ["a/1.jpg", "a/to2.jpg"]
    assert result.passed_over == (tmp_path / "a" / "second.jpg",)
    both = find_frames([tmp_path / "a" / "second.jpg", tmp_path / "a"])
    assert names(both, tmp_path) == ["a/1.jpg", "a/to2.jpg"]


def test_raw_and_companions_are_one_frame(tmp_path: Path) -> None:
    """A RAW file and the JPEG or HEIC of its name in its folder are one frame; the RAW file is read."""
    write_files(
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


def test_jpeg_with_two_raws_stays_alone(tmp_path: Path) -> None:
    """With two RAW files of one name, the JPEG's RAW file is ambiguous, so each is a frame."""
    write_files(tmp_path, "I.NEF", "I.DNG", "I.JPG")
    assert find_frames([tmp_path]).frames == tuple(
        Frame(tmp_path / name) for name in ("I.DNG", "I.JPG", "I.NEF")
    )


def test_composed_and_decomposed_accents_are_different_files(tmp_path: Path) -> None:
    """The two spellings are neither duplicates nor pairs of each other."""
    composed, decomposed = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    write_files(tmp_path, f"{composed}.NEF", f"{decomposed}.JPG", f"{decomposed}.NEF", f"{composed}.JPG")
    if len(list(tmp_path.iterdir())) < 4:
        pytest.skip("this disk keeps only one spelling")
    frames = find_frames([tmp_path]).frames
    assert len(frames) == 2
    for frame in frames:
        assert {path.stem for path in frame.files} == {frame.path.stem}
        assert len(frame.files) == 2


def test_very_long_paths_are_walked(tmp_path: Path) -> None:
    """A path far over 260 characters is walked."""
    deep = tmp_path.joinpath(*["d" * 60] * 6)
    write_files(deep, "a.jpg")
    result = find_frames([tmp_path])
    assert result.frames == (Frame(deep / "a.jpg"),)
    assert len(str(result.frames[0].path)) > 400


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([".nef", ".JPG", ".dng", ".tif"])), unique=True)
)
def test_every_photo_is_in_exactly_one_frame(parts: list[tuple[str, str]]) -> None:
    """Pairing loses and repeats no file, in any order."""
    with TemporaryDirectory() as folder:
        photos = [Path(folder) / (stem + suffix) for stem, suffix in parts]
        for photo in photos:
            photo.touch()
        files = [path for frame in find_frames(photos).frames for path in frame.files]
    assert sorted(files) == sorted(photos)


def test_hard_links_are_one_photo(tmp_path: Path) -> None:
    """The first name in the order of the walk is the photo's; the others are passed over."""
    write_files(tmp_path, "b.jpg", "c.jpg")
    (tmp_path / "Auslese").mkdir()
    os.link(tmp_path / "b.jpg", tmp_path / "Auslese" / "b.jpg")
    os.link(tmp_path / "b.jpg", tmp_path / "a.jpg")
    result = find_frames([tmp_path])
    assert names(result, tmp_path) == ["a.jpg", "c.jpg"]
    assert {path.name for path in result.passed_over} == {"b.jpg"}


@pytest.mark.parametrize(("how", "photos"), [("copy", 1), ("link", 1), ("move", 2)])
def test_sorted_copies_are_no_photos_while_their_journal_is_there(
    tmp_path: Path, how: str, photos: int
) -> None:
    """Autocull's own copies are passed over; what was moved, or put there by hand, is not."""
    write_files(tmp_path, "a.jpg", "Sorted/keep/a.jpg")
    line = {
        "step": 0,
        "do": how,
        "source": str(tmp_path / "a.jpg"),
        "target": str(tmp_path / "Sorted/keep/a.jpg"),
    }
    journal = tmp_path / "Sorted-20260101-101112.journal"
    journal.write_text('{"format": 1}\n' + json.dumps(line) + "\n{cut off")
    assert len(find_frames([tmp_path]).frames) == photos
    journal.unlink()
    assert len(find_frames([tmp_path]).frames) == 2


def test_companions_of_macos_are_passed_over(tmp_path: Path) -> None:
    """Of ._NAME by its content: a photo may have such a name."""
    write_files(tmp_path, "._IMG_1.NEF", "._IMG_2.jpg", content=b"\0\5\x16\7\0\2\0\0")
    write_files(tmp_path, "IMG_1.NEF", "._real.jpg")
    result = find_frames([tmp_path])
    assert names(result, tmp_path) == ["._real.jpg", "IMG_1.NEF"]
    assert len(result.passed_over) == 2


def test_photos_that_are_only_in_the_cloud_are_named(tmp_path: Path) -> None:
    """By their placeholders; those of other files are none."""
    write_files(tmp_path, ".IMG_1.HEIC.icloud", ".notes.txt.icloud", "a.jpg", content=JPEG)
    result = find_frames([tmp_path])
    assert [path.name for path in result.placeholders] == [".IMG_1.HEIC.icloud"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_link_in_a_circle_ends_nothing(tmp_path: Path) -> None:
    """The other photos are found; a circle with a photo's suffix is reported."""
    write_files(tmp_path, "a.jpg")
    for name in ("self", "self.jpg"):
        (tmp_path / name).symlink_to(tmp_path / name)
    result = find_frames([tmp_path])
    assert names(result, tmp_path) == ["a.jpg"]
    assert [error.path.name for error in result.unreadable] == ["self.jpg"]


def dated_jpeg(taken: str) -> bytes:
    """Make a JPEG taken at this time."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[36867] = taken
    return jpeg_of(np.full((8, 8, 3), 90, np.uint8), exif=exif)


@pytest.mark.parametrize(
    ("taken", "frames"),
    [("2024:05:01 10:11:12", 1), ("2024:05:01 10:11:14", 1), ("2021:05:01 10:11:12", 2), ("", 1)],
)
def test_pair_is_of_one_time(tmp_path: Path, taken: str, frames: int) -> None:
    """A counter that began anew gives two photos one name; a time that is unknown separates nothing."""
    write_files(tmp_path, "IMG_8445.DNG", content=dated_jpeg("2024:05:01 10:11:12"))
    write_files(tmp_path, "IMG_8445.JPG", content=dated_jpeg(taken))
    assert len(find_frames([tmp_path]).frames) == frames
