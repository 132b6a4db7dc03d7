"""Tests of sidecar files: replaced completely or not at all, by the right name, never through a link."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from autocull import atomic_write
from autocull.errors import MarksError
from autocull.judge.verdict import Marks
from autocull.output.result import Judged
from autocull.output.sidecars import sidecar, sidecar_file
from autocull.output.sidecars.merge import Policy, marks_in
from autocull.output.sidecars.sidecar import (
    SidecarOutcome,
    SidecarWriter,
    read_packet,
    sidecar_of,
    write_sidecar,
)
from autocull.output.user_marks import PhotoMarks
from autocull.read.photo import Frame
from support.raw_files import jpeg_of
from support.result_factories import judged
from support.xmp_samples import lightroom

POLICY = Policy()
PICK = Marks(4, "green", 1)


def write_one(path: Path, marks: Marks = PICK, *, dry_run: bool = False) -> SidecarOutcome:
    """Write the sidecar of one file."""
    return write_sidecar(Frame(path), marks, policy=POLICY, dry_run=dry_run)


def read_marks(photo: Path) -> PhotoMarks:
    """Return the marks in the sidecar of a photo."""
    packet = read_packet(Frame(photo))
    assert packet is not None
    return marks_in(packet)


def write_all(results: list[Judged]) -> list[SidecarOutcome]:
    """Write the sidecars of a shoot."""
    writer = SidecarWriter(POLICY)
    for result in results:
        writer.add(result)
    return list(writer.finish())


def file_state(path: Path) -> tuple[bytes, int, int]:
    """Return all that must not change of a file that is left alone."""
    return path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Make a file that stands for a photo."""
    path = tmp_path / "IMG_0001.NEF"
    path.write_bytes(b"raw")
    return path


def test_sidecar_is_next_to_the_raw_file(photo: Path) -> None:
    """IMG.xmp, not IMG.NEF.xmp; the photo itself is not touched and nothing else is left."""
    before = file_state(photo)
    assert write_one(photo).state == "written"
    assert sidecar_of(Frame(photo)) == photo.with_name("IMG_0001.xmp")
    assert read_marks(photo).rating == 4
    assert file_state(photo) == before
    assert sorted(path.name for path in photo.parent.iterdir()) == ["IMG_0001.NEF", "IMG_0001.xmp"]


def test_pair_shares_one_sidecar(photo: Path) -> None:
    """RAW and JPEG of one exposure have the RAW's sidecar, which may name the JPEG as its owner."""
    frame = Frame(photo, (photo.with_suffix(".JPG"),))
    assert sidecar_of(frame) == photo.with_suffix(".xmp")
    photo.with_suffix(".xmp").write_text(lightroom("").replace('"NEF"', '"jpg"'), "utf-8")
    assert write_sidecar(frame, PICK, policy=POLICY).state == "written"


def test_sidecar_with_upper_case_suffix_is_used(photo: Path) -> None:
    """IMG.XMP is the sidecar where only that one exists."""
    loud = photo.with_suffix(".XMP")
    loud.write_text(lightroom(""), "utf-8")
    assert write_one(photo).state == "written"
    assert sidecar_of(Frame(photo)).samefile(loud)
    assert len(list(photo.parent.iterdir())) == 2


def test_second_write_keeps_the_date(photo: Path) -> None:
    """The same marks again leave the sidecar's bytes and its time unchanged."""
    write_one(photo)
    path = sidecar_of(Frame(photo))
    os.utime(path, ns=(1, 1))
    before = file_state(path)
    assert write_one(photo).state == "unchanged"
    assert file_state(path) == before


def test_dry_run_writes_nothing(photo: Path) -> None:
    """The outcome is the real one, and no sidecar appears."""
    assert write_one(photo, dry_run=True).state == "written"
    assert not photo.with_suffix(".xmp").exists()
    assert write_one(photo, Marks(0, "none", 0), dry_run=True).state == "unchanged"


def test_kept_marks_are_named(photo: Path) -> None:
    """The outcome has the marks that were left as the photographer set them."""
    photo.with_suffix(".xmp").write_text(lightroom('xmp:Rating="2"'), "utf-8")
    outcome = write_one(photo)
    assert (outcome.state, outcome.kept_marks) == ("written", {"rating"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encoding_and_line_ends_are_kept(photo: Path, encoding: str, newline: str) -> None:
    """XMP may be in UTF-8 or UTF-16, with a byte order mark or without; it is written back as it was."""
    bom = "\ufeff" if "16" in encoding else ""
    text = lightroom("").replace("\n", newline)
    path = photo.with_suffix(".xmp")
    path.write_bytes((bom + text).encode(encoding))
    assert write_one(photo).state == "written"
    after = path.read_bytes().decode(encoding)
    assert after.startswith(bom + text[:200])
    assert after.endswith(text[-200:])
    assert "mariée" in after
    assert read_marks(photo).flag == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<x",
        b"not xml",
        lightroom("").encode()[:700],
        lightroom("").encode("latin-1", "replace"),
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        "<?xml version='1.0' encoding='x'?><x/>".encode("utf-16"),
    ],
    ids=range(7),
)
def test_damaged_sidecar_is_left_as_it_is(photo: Path, content: bytes) -> None:
    """The error names it, and it keeps every byte and its date."""
    path = photo.with_suffix(".xmp")
    path.write_bytes(content)
    before = file_state(path)
    with pytest.raises(MarksError, match="left as it is") as caught:
        write_one(photo)
    assert caught.value.path == path
    with pytest.raises(MarksError):
        read_packet(Frame(photo))
    assert file_state(path) == before
    assert len(list(photo.parent.iterdir())) == 2


def test_missing_sidecar_has_no_packet(photo: Path) -> None:
    """That is not the same as a packet without marks."""
    assert read_packet(Frame(photo)) is None


def test_link_is_never_followed(photo: Path, tmp_path: Path) -> None:
    """A sidecar that is a link, even a dangling one, is refused; its target stays unchanged."""
    outside = tmp_path / "outside"
    outside.write_text(lightroom(""), "utf-8")
    path = photo.with_suffix(".xmp")
    for target in (outside, tmp_path / "nowhere"):
        path.symlink_to(target)
        with pytest.raises(MarksError, match="link"):
            write_one(photo)
        assert path.is_symlink()
        path.unlink()
    assert outside.read_text("utf-8") == lightroom("")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe_is_not_opened(photo: Path) -> None:
    """A named pipe or a folder with the sidecar's name is refused without opening it."""
    path = photo.with_suffix(".xmp")
    os.mkfifo(path)
    with pytest.raises(MarksError, match="not a file"):
        write_one(photo)
    path.unlink()
    path.mkdir()
    with pytest.raises(MarksError, match="not a file"):
        write_one(photo)


def test_huge_file_is_refused(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is far too large is not read into memory."""
    monkeypatch.setattr(sidecar_file, "_MAX_BYTES", 100)
    photo.with_suffix(".xmp").write_text(lightroom(""), "utf-8")
    with pytest.raises(MarksError, match="too large"):
        write_one(photo)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_permissions_are_kept(photo: Path) -> None:
    """A shared sidecar stays shared, and a new one has the permissions of new files."""
    write_one(photo)
    path = sidecar_of(Frame(photo))
    (photo.parent / "new").touch()
    assert path.stat().st_mode == (photo.parent / "new").stat().st_mode
    path.chmod(0o664)
    write_one(photo, Marks(1, "none", 0))
    assert stat.S_IMODE(path.stat().st_mode) == 0o664


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_failed_write_changes_nothing(photo: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """After a full disk the old sidecar is complete, and no part of a new one is left."""
    path = photo.with_suffix(".xmp")
    path.write_text(lightroom(""), "utf-8")
    before = file_state(path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(MarksError, match="No space left"):
            write_one(photo)
    assert file_state(path) == before
    assert len(list(photo.parent.iterdir())) == 2


def test_unreadable_sidecar_is_an_error(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sidecar that the system does not allow to read is refused, not replaced."""
    path = photo.with_suffix(".xmp")
    path.write_text(lightroom(""), "utf-8")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(MarksError, match="Permission denied"):
        write_one(photo)


def test_concurrent_write_of_another_program_wins(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Lightroom saves between reading and writing, its sidecar stays."""
    path = photo.with_suffix(".xmp")
    path.write_text(lightroom(""), "utf-8")
    merged = sidecar.merge_marks

    def merge_slowly(*args: object, **options: object) -> str | None:
        path.write_text(lightroom('xmp:Rating="5"'), "utf-8")
        return merged(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(sidecar, "merge_marks", merge_slowly)
    with pytest.raises(MarksError, match="another program"):
        write_one(photo)
    assert path.read_text("utf-8") == lightroom('xmp:Rating="5"')
    assert len(list(photo.parent.iterdir())) == 2


def test_sidecar_of_another_file_is_refused(photo: Path) -> None:
    """A sidecar that belongs to IMG.ARW is not written for IMG.NEF."""
    photo.with_suffix(".xmp").write_text(lightroom("").replace('"NEF"', '"ARW"'), "utf-8")
    with pytest.raises(MarksError, match=r"IMG_0001\.NEF and IMG_0001\.ARW would share"):
        write_one(photo)


@pytest.mark.parametrize(
    ("names", "owners"),
    [
        (("a.NEF", "a.tif", "A.dng", "b.NEF"), ["a.NEF", "b.NEF"]),
        (("a.dng", "a.psd"), ["a.dng"]),
        (("a.HEIC", "a.JPG"), []),
        (("a.NEF", "a.CR3"), []),
    ],
)
def test_sidecar_of_several_frames_is_that_of_the_raw_file(
    tmp_path: Path, names: tuple[str, ...], owners: list[str]
) -> None:
    """By Adobe's rule DNG, TIFF, PSD, JPEG and HEIC hold their marks inside: they are named and refused."""
    outcomes = write_all([judged(tmp_path / name) for name in names])
    assert [each.frame.path.name for each in outcomes if each.state == "written"] == owners
    assert {each.frame.path.name for each in outcomes if each.error is not None} == {*names} - {*owners}
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(Path(name).stem for name in owners)


@pytest.mark.parametrize(
    ("photo_name", "sidecar_name"),
    [("dsc_9.nef", "DSC_9.xmp"), ("DSC_9.NEF", "dsc_9.XMP"), ("Zoe\u0308.NEF", "Zo\u00eb.xmp")],
)
def test_sidecar_in_other_capitals_or_unicode_form_is_the_photos(
    tmp_path: Path, photo_name: str, sidecar_name: str
) -> None:
    """A share of another system changes names; no second sidecar is written."""
    (tmp_path / photo_name).touch()
    (tmp_path / sidecar_name).write_text(lightroom('xmpDM:pick="1"'), "utf-8")
    outcome = write_one(tmp_path / photo_name, Marks(0, "red", -1))
    assert (outcome.state, outcome.kept_marks) == ("unchanged", {"flag"})
    assert len(list(tmp_path.iterdir())) == 2


def test_photo_with_stars_inside_or_in_a_file_of_its_name_is_not_rejected(tmp_path: Path) -> None:
    """In a JPEG's packet, and in IMG.NEF.xmp; the marks of other photos are written."""
    jpeg = jpeg_of(np.full((8, 8, 3), 90, np.uint8))
    packet = b"http://ns.adobe.com/xap/1.0/\0" + lightroom('xmp:Rating="4"').encode()
    rated = jpeg[:2] + b"\xff\xe1" + (len(packet) + 2).to_bytes(2) + packet + jpeg[2:]
    for name, content in (("inside.jpg", rated), ("beside.NEF", jpeg), ("none.jpg", jpeg)):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "beside.NEF.xmp").write_text(lightroom('xmp:Rating="4"'), "utf-8")
    outcomes = {
        name: write_one(tmp_path / name, Marks(0, "red", -1)) for name in ("inside.jpg", "beside.NEF")
    }
    assert {each.state for each in outcomes.values()} == {"unchanged"}
    assert {each.kept_marks for each in outcomes.values()} == {frozenset({"rating"})}
    assert write_one(tmp_path / "none.jpg", Marks(0, "red", -1)).state == "written"
    assert (tmp_path / "inside.jpg").read_bytes() == rated


def test_photo_whose_marks_cannot_be_read_is_not_rejected(tmp_path: Path) -> None:
    """It may have stars inside; other marks are written."""
    photo = tmp_path / "a.jpg"
    packet = b"http://ns.adobe.com/xap/1.0/\0<damaged"
    photo.write_bytes(b"\xff\xd8\xff\xe1" + (len(packet) + 2).to_bytes(2) + packet)
    assert write_one(photo, Marks(0, "red", -1)).state == "unchanged"
    assert write_one(photo, Marks(3, "none", 0)).state == "written"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-16-le", None),
        ("utf-16-be", None),
        ("utf-32-le", None),
        ("utf-32", None),
        ("utf-16-le", "UTF-16LE"),
        ("utf-8", "UTF-7"),
        ("utf-8", "UTF-16"),
        ("utf-8", "ISO-8859-1"),
        ("utf-8", "no encoding"),
    ],
)
def test_sidecar_of_uncertain_encoding_is_left_as_it_is(
    photo: Path, encoding: str, declared: str | None
) -> None:
    """Text without its byte order mark, and a declaration that is wrong; the error names the sidecar."""
    path = photo.with_suffix(".xmp")
    text = lightroom("").replace("\ufeff", "")
    if declared is not None:
        text = f'<?xml version="1.0" encoding="{declared}"?>' + text
    path.write_bytes(text.encode(encoding))
    before = file_state(path)
    with pytest.raises(MarksError, match="left as it is"):
        write_one(photo)
    assert file_state(path) == before


def test_change_while_the_sidecar_is_synced_is_not_lost(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sidecar is compared once more after its new text is on the disk, right before it is replaced."""
    path = photo.with_suffix(".xmp")
    path.write_text(lightroom(""), "utf-8")
    monkeypatch.setattr(os, "fsync", lambda _: path.write_text(lightroom('xmp:Rating="5"'), "utf-8"))
    with pytest.raises(MarksError, match="another program"):
        write_one(photo)
    assert path.read_text("utf-8") == lightroom('xmp:Rating="5"')


def test_drive_that_refuses_permissions_gets_its_marks(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAT, exFAT and SMB drives refuse chmod: the permissions stay behind, the marks do not."""
    photo.with_suffix(".xmp").write_text(lightroom(""), "utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refuse)
    assert write_one(photo).state == "written"
    assert read_marks(photo).rating == 4


def test_refused_sidecar_does_not_stop_the_others(tmp_path: Path) -> None:
    """A damaged sidecar has its own outcome, and the other frames get their marks."""
    (tmp_path / "b.xmp").write_text("damaged")
    shoot = [judged(tmp_path / name) for name in ("a.NEF", "b.NEF", "c.NEF")]
    outcomes = write_all(shoot)
    assert [outcome.state for outcome in outcomes] == ["written", "refused", "written"]
    assert isinstance(outcomes[1].error, MarksError)


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    """Where nothing can be written, the error names it."""
    with pytest.raises(MarksError, match="cannot be written"):
        write_one(tmp_path / "gone" / "a.NEF")


def test_unusual_names_have_sidecars(tmp_path: Path) -> None:
    """Long names, names without a suffix and names with two dots."""
    for name, expected in (
        ("a" * 240 + ".NEF", "a" * 240 + ".xmp"),
        ("scan", "scan.xmp"),
        ("a.b.NEF", "a.b.xmp"),
    ):
        assert write_one(tmp_path / name).state == "written"
        assert sidecar_of(Frame(tmp_path / name)).name == expected


def test_atomic_file_appears_at_the_end(tmp_path: Path) -> None:
    """Until the block ends, the file does not exist; an error leaves nothing."""
    path = tmp_path / "page.html"
    with atomic_write.atomic_write(path) as file:
        file.write(b"x")
        assert not path.exists()
    assert path.read_bytes() == b"x"
    with pytest.raises(TypeError), atomic_write.atomic_write(path) as file:
        file.write("no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"x"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("dry_run", [False, True])
def test_write_protected_sidecar_is_left_as_it_is(
    photo: Path, dry_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replacing it would undo the protection, so it is refused with what to do."""
    path = photo.with_suffix(".xmp")
    path.write_text(lightroom(""), "utf-8")
    path.chmod(0o444)
    if os.access(path, os.W_OK):  # the superuser may write it all the same
        monkeypatch.setattr(os, "access", lambda name, mode: Path(name) != path or not mode & os.W_OK)
    before = file_state(path)
    with pytest.raises(MarksError, match="write-protected"):
        write_sidecar(Frame(photo), Marks(3, "none", 0), policy=Policy(), dry_run=dry_run)
    assert file_state(path) == before


def test_changed_photo_gets_no_marks(tmp_path: Path) -> None:
    """Marks of the photo that was judged are not written for the one in its place."""
    frames = [Frame(tmp_path / "a.NEF"), Frame(tmp_path / "b.NEF")]
    writer = SidecarWriter(Policy(), is_unchanged=lambda frame: frame.path.stem == "b")
    for frame in frames:
        frame.path.write_bytes(b"photo")
        writer.add(judged(frame.path))
    outcomes = list(writer.finish())
    assert [outcome.state for outcome in outcomes] == ["refused", "written"]
    assert "changed since it was judged" in str(outcomes[0].error)
    assert [path.name for path in tmp_path.glob("*.xmp")] == ["b.xmp"]
