"""The file probe: within a time limit, once per hanging drive, with the results of `identify`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.evidence_store import identify
from autocull.read import Frame
from autocull.serve.jobs import file_probe
from autocull.serve.jobs.file_probe import FileProbe, drive_of, list_mounts
from support.cull_run_fakes import frames_in
from support.job_fixtures import wait_until


class Drive:
    """A drive that hangs until a test lets it answer, and that records the calls."""

    def __init__(self) -> None:
        self.back = Event()
        self.calls: list[str] = []

    def __call__(self, frame: Frame, versions: Mapping[str, str]) -> bytes | None:
        """Return an identity; in the folder `nas` only when the drive is back."""
        self.calls.append(frame.path.name)
        if frame.path.parent.name == "nas":
            assert self.back.wait(120)
        return b"there"


def test_probe_returns_the_identity_of_the_store(tmp_path: Path) -> None:
    """A file that does not exist has none."""
    [frame] = frames_in(tmp_path, "a.jpg")
    probe = FileProbe()
    assert probe(frame, {"focus": "1"}) == identify(frame, {"focus": "1"}) != None  # noqa: E711 - it has one
    assert probe(Frame(tmp_path / "b.jpg"), {}) is None


def test_hanging_folder_is_probed_once_until_it_returns() -> None:
    """Other folders are probed meanwhile."""
    drive = Drive()
    probe = FileProbe(0.2, drive)
    for name in "abc":
        with pytest.raises(PhotoError, match="did not answer within") as caught:
            probe(Frame(Path("/nas") / name), {})
        assert caught.value.code == "timeout"
    assert probe(Frame(Path("/local/d")), {}) == b"there"
    assert drive.calls == ["a", "d"]
    drive.back.set()

    def is_back() -> bool:
        try:
            return probe(Frame(Path("/nas/e")), {}) == b"there"
        except PhotoError:
            return False

    wait_until(is_back, "the drive's answer")


def test_error_is_raised_in_the_calling_thread() -> None:
    """No error is lost in the probe's thread."""

    def fails(frame: Frame, versions: Mapping[str, str]) -> bytes | None:
        raise PhotoError(frame.path, "No.", code="no_permission")

    with pytest.raises(PhotoError) as caught:
        FileProbe(60, fails)(Frame(Path("/a")), {})
    assert caught.value.code == "no_permission"


def nas_of(path: Path) -> Path:
    """Return the first part of a path as its drive."""
    return Path(*path.parts[:2])


def test_hanging_drive_is_probed_once_for_all_its_folders() -> None:
    """Twelve folders cost the timeout once; another drive is probed meanwhile."""
    calls: list[Path] = []
    back = Event()

    def hang(frame: Frame, versions: Mapping[str, str]) -> bytes | None:
        calls.append(frame.path)
        assert frame.path.parts[1] == "local" or back.wait(120)
        return b"there"

    probe = FileProbe(0.2, hang, nas_of)
    for number in range(12):
        with pytest.raises(PhotoError):
            probe(Frame(Path(f"/nas/{number}/a.jpg")), {})
    assert probe(Frame(Path("/local/a.jpg")), {}) == b"there"
    assert len(calls) == 2
    with pytest.raises(PhotoError):
        probe.fingerprint(Frame(Path("/nas/99/a.jpg")))
    back.set()


def test_drive_that_hangs_while_a_file_is_read(tmp_path: Path) -> None:
    """After a worker's time is over, the file is read once more: until that ends, its drive hangs."""
    if sys.platform == "win32":
        pytest.skip("needs a pipe")
    folder, local = tmp_path / "nas", tmp_path / "local"
    folder.mkdir()
    local.mkdir()
    probe = FileProbe(0.2, find_drive=lambda path: path.parent)
    [quick] = frames_in(folder, "quick.jpg")
    probe.watch(quick)
    probe.check_drive(quick)
    os.mkfifo(folder / "hanging.jpg")
    probe.watch(Frame(folder / "hanging.jpg"))
    with pytest.raises(PhotoError) as caught:
        probe.check_drive(quick)
    assert (caught.value.code, caught.value.parameters) == ("timeout", {"seconds": 0.2})
    probe.check_drive(*frames_in(local, "a.jpg"))
    with (folder / "hanging.jpg").open("wb"):
        pass

    def is_back() -> bool:
        with suppress(PhotoError):
            probe.check_drive(quick)
            return True
        return False

    wait_until(is_back, "the drive's answer")


@pytest.mark.parametrize(
    ("path", "platform", "drive"),
    [
        ("/mnt/nas/2026/a.jpg", "linux", "/mnt/nas"),
        ("/mnt/nas/inner/b/a.jpg", "linux", "/mnt/nas/inner"),
        ("/mnt/nas 2/a.jpg", "linux", "/mnt/nas 2"),
        ("/home/z/2026/a.jpg", "linux", "/home/z/2026"),
        ("/Volumes/Card/DCIM/1/a.jpg", "darwin", "/Volumes/Card"),
        ("/Users/z/a.jpg", "darwin", "/Users/z"),
        ("\\\\nas\\photos\\2026\\a.jpg", "win32", "\\\\nas\\photos\\"),
        ("D:\\2026\\a.jpg", "win32", "D:\\"),
    ],
)
def test_drive_of_a_file(path: str, platform: str, drive: str) -> None:
    """The longest mount point; on the system's own drive only the folder."""
    mounts = ["/", "/mnt/nas", "/mnt/nas/inner", "/mnt/nas 2"]
    assert str(drive_of(Path(path), platform, mounts)) == str(Path(drive))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists its mount points as a file")
def test_mount_points_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks are escaped there."""
    assert "/" in list_mounts()
    listed = tmp_path / "mountinfo"
    listed.write_text("36 35 98:0 / /mnt/my\\040nas rw - ext3 /dev/root rw\nshort line\n")
    monkeypatch.setattr(file_probe, "_MOUNTS", listed)
    assert list_mounts() == ["/mnt/my nas"]
    monkeypatch.setattr(file_probe, "_MOUNTS", tmp_path / "none")
    assert list_mounts() == []
