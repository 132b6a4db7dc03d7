"""Sidecars on the disk: replaced whole or not at all, found by the right name, never through a link."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from autocull import atomic_write
from autocull.errors import MarksError
from autocull.judge.verdict import Marks
from autocull.output.result import Judged
from autocull.output.sidecars import sidecar
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
from support.result_factories import judged
from support.xmp_samples import lightroom

POLICY = Policy()
PICK = Marks(4, "green", 1)


def write(path: Path, marks: Marks = PICK, *, dry_run: bool = False) -> SidecarOutcome:
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


def state(path: Path) -> tuple[bytes, int, int]:
    """Return all that must not change of a file that is left alone."""
    return path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Make a file that stands for a photo."""
    path = tmp_path / "IMG_0001.NEF"
    path.write_bytes(b"raw")
    return path


def test_the_sidecar_stands_beside_the_raw_file(photo: Path) -> None:
    """IMG.xmp, not IMG.NEF.xmp; the photo itself is not touched and nothing else is left."""
    before = state(photo)
    assert write(photo).state == "written"
    assert sidecar_of(Frame(photo)) == photo.with_name("IMG_0001.xmp")
    assert read_marks(photo).rating == 4
    assert state(photo) == before
    assert sorted(path.name for path in photo.parent.iterdir()) == ["IMG_0001.NEF", "IMG_0001.xmp"]


def test_a_pair_shares_one_sidecar(photo: Path) -> None:
    """RAW and JPEG of one exposure have the RAW's sidecar, which may say that it is the JPEG's."""
    frame = Frame(photo, (photo.with_suffix(".JPG"),))
    assert sidecar_of(frame) == photo.with_suffix(".xmp")
    photo.with_suffix(".xmp").write_text(lightroom("").replace('"NEF"', '"jpg"'), "utf-8")
    assert write_sidecar(frame, PICK, policy=POLICY).state == "written"


def test_a_sidecar_in_capitals_is_used(photo: Path) -> None:
    """IMG.XMP is the sidecar where it is the one that is there."""
    loud = photo.with_suffix(".XMP")
    loud.write_text(lightroom(""), "utf-8")
    assert write(photo).state == "written"
    assert sidecar_of(Frame(photo)).samefile(loud)
    assert len(list(photo.parent.iterdir())) == 2


def test_a_second_time_changes_not_even_the_date(photo: Path) -> None:
    """The same marks again leave the sidecar's bytes and its time alone."""
    write(photo)
    path = sidecar_of(Frame(photo))
    os.utime(path, ns=(1, 1))
    before = state(path)
    assert write(photo).state == "unchanged"
    assert state(path) == before


def test_a_dry_run_says_what_it_would_do_and_does_nothing(photo: Path) -> None:
    """The outcome is the real one, and no sidecar appears."""
    assert write(photo, dry_run=True).state == "written"
    assert not photo.with_suffix(".xmp").exists()
    assert write(photo, Marks(0, "none", 0), dry_run=True).state == "unchanged"


def test_kept_marks_are_named(photo: Path) -> None:
    """The outcome tells which marks were left as the photographer set them."""
    photo.with_suffix(".xmp").write_text(lightroom('xmp:Rating="2"'), "utf-8")
    outcome = write(photo)
    assert (outcome.state, outcome.kept_marks) == ("written", {"rating"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_encoding_and_the_line_ends_stay(photo: Path, encoding: str, newline: str) -> None:
    """XMP may be in UTF-8 or UTF-16, with a byte order mark or without; it is written back as it was."""
    bom = "\ufeff" if "16" in encoding else ""
    text = lightroom("").replace("\n", newline)
    path = photo.with_suffix(".xmp")
    path.write_bytes((bom + text).encode(encoding))
    assert write(photo).state == "written"
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
def test_a_damaged_sidecar_is_left_as_it_is(photo: Path, content: bytes) -> None:
    """What cannot be understood is an error that names it, and keeps every byte and its date."""
    path = photo.with_suffix(".xmp")
    path.write_bytes(content)
    before = state(path)
    with pytest.raises(MarksError, match="left as it is") as caught:
        write(photo)
    assert caught.value.path == path
    with pytest.raises(MarksError):
        read_packet(Frame(photo))
    assert state(path) == before
    assert len(list(photo.parent.iterdir())) == 2


def test_a_missing_sidecar_cannot_be_read(photo: Path) -> None:
    """Where there is no sidecar there is no packet, which is not one without marks."""
    assert read_packet(Frame(photo)) is None


def test_a_link_is_never_followed(photo: Path, tmp_path: Path) -> None:
    """A sidecar that is a link, even a dangling one, is refused; what it points to stays."""
    outside = tmp_path / "outside"
    outside.write_text(lightroom(""), "utf-8")
    path = photo.with_suffix(".xmp")
    for target in (outside, tmp_path / "nowhere"):
        path.symlink_to(target)
        with pytest.raises(MarksError, match="link"):
            write(photo)
        assert path.is_symlink()
        path.unlink()
    assert outside.read_text("utf-8") == lightroom("")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_hang_us(photo: Path) -> None:
    """A named pipe or a folder by the sidecar's name is refused without opening it."""
    path = photo.with_suffix(".xmp")
    os.mkfifo(path)
    with pytest.raises(MarksError, match="no file"):
        write(photo)
    path.unlink()
    path.mkdir()
    with pytest.raises(MarksError, match="no file"):
        write(photo)


def test_a_huge_file_is_no_sidecar(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is far too large is not read into memory."""
    monkeypatch.setattr(sidecar, "_MAX_BYTES", 100)
    photo.with_suffix(".xmp").write_text(lightroom(""), "utf-8")
    with pytest.raises(MarksError, match="too large"):
        write(photo)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_permissions_are_kept(photo: Path) -> None:
    """A shared sidecar stays shared, and a new one gets what the system gives new files."""
    write(photo)
    path = sidecar_of(Frame(photo))
    (photo.parent / "new").touch()
    assert path.stat().st_mode == (photo.parent / "new").stat().st_mode
    path.chmod(0o664)
    write(photo, Marks(1, "none", 0))
    assert stat.S_IMODE(path.stat().st_mode) == 0o664


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failure_while_writing_leaves_everything_as_it_was(
    photo: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A full disk in the middle costs neither the old sidecar nor leaves a part of the new one."""
    path = photo.with_suffix(".xmp")
    path.write_text(lightroom(""), "utf-8")
    before = state(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(MarksError, match="No space left"):
            write(photo)
    assert state(path) == before
    assert len(list(photo.parent.iterdir())) == 2


def test_an_unreadable_sidecar_is_an_error(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sidecar that the system will not let us read is refused, not replaced."""
    path = photo.with_suffix(".xmp")
    path.write_text(lightroom(""), "utf-8")

    def denied(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(MarksError, match="Permission denied"):
        write(photo)


def test_another_program_that_writes_at_the_same_time_wins(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Lightroom saves between our reading and our writing, its sidecar stays."""
    path = photo.with_suffix(".xmp")
    path.write_text(lightroom(""), "utf-8")
    merged = sidecar.merge_marks

    def slow(*args: object, **options: object) -> str | None:
        path.write_text(lightroom('xmp:Rating="5"'), "utf-8")
        return merged(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(sidecar, "merge_marks", slow)
    with pytest.raises(MarksError, match="another program"):
        write(photo)
    assert path.read_text("utf-8") == lightroom('xmp:Rating="5"')
    assert len(list(photo.parent.iterdir())) == 2


def test_a_sidecar_of_another_kind_of_file_is_not_ours(photo: Path) -> None:
    """A sidecar that says it belongs to IMG.ARW is not written for IMG.NEF."""
    photo.with_suffix(".xmp").write_text(lightroom("").replace('"NEF"', '"ARW"'), "utf-8")
    with pytest.raises(MarksError, match=r"IMG_0001\.NEF and IMG_0001\.ARW would share"):
        write(photo)


def test_frames_that_would_share_a_sidecar_are_all_refused(tmp_path: Path) -> None:
    """IMG.NEF and IMG.TIF that are no pair do not fight: both are named, the others are written."""
    names = ("a.NEF", "a.tif", "A.dng", "b.NEF")
    outcomes = {
        outcome.frame.path.name: outcome for outcome in write_all([judged(tmp_path / name) for name in names])
    }
    assert [outcomes[name].state for name in names] == ["refused", "refused", "refused", "written"]
    assert "a.tif" in str(outcomes["a.NEF"].error)
    assert "a.NEF" in str(outcomes["a.tif"].error)
    assert [path.name for path in tmp_path.iterdir()] == ["b.xmp"]


def test_one_refused_sidecar_does_not_stop_the_others(tmp_path: Path) -> None:
    """A damaged sidecar is reported in its place, and its neighbours get their marks."""
    (tmp_path / "b.xmp").write_text("damaged")
    shoot = [judged(tmp_path / name) for name in ("a.NEF", "b.NEF", "c.NEF")]
    outcomes = write_all(shoot)
    assert [outcome.state for outcome in outcomes] == ["written", "refused", "written"]
    assert isinstance(outcomes[1].error, MarksError)


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """Where nothing can be written, the error says so."""
    with pytest.raises(MarksError, match="cannot be written"):
        write(tmp_path / "gone" / "a.NEF")


def test_odd_names_get_sidecars(tmp_path: Path) -> None:
    """Long names, names without a suffix and names with two dots all have theirs."""
    for name, expected in (
        ("a" * 240 + ".NEF", "a" * 240 + ".xmp"),
        ("scan", "scan.xmp"),
        ("a.b.NEF", "a.b.xmp"),
    ):
        assert write(tmp_path / name).state == "written"
        assert sidecar_of(Frame(tmp_path / name)).name == expected


def test_a_whole_file_is_there_at_the_end_only(tmp_path: Path) -> None:
    """Until its block ends, a file that is written whole does not exist; an error leaves nothing."""
    path = tmp_path / "page.html"
    with atomic_write.atomic_write(path) as file:
        file.write(b"x")
        assert not path.exists()
    assert path.read_bytes() == b"x"
    with pytest.raises(TypeError), atomic_write.atomic_write(path) as file:
        file.write("no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"x"
    assert len(list(tmp_path.iterdir())) == 1
