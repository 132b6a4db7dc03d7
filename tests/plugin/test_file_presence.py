"""A drive that does not answer: Lightroom, which stands still meanwhile, waits for it once."""

from __future__ import annotations

import pytest

from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.shoots import KEPT, cull

HANGS = 30.0  # seconds that a share which is gone takes to say so


def hang(host: Host, start: str, *, there: bool = False, after: float = HANGS) -> list[str]:
    """Let every question for a path that begins with `start` hang; return the list of them."""
    asked: list[str] = []

    def exists(path: str) -> str | bool:
        if not path.startswith(start):
            return host.files.exists(path)
        asked.append(path)
        host.lua.now += after
        return "file" if there else False

    host.lua.bridge["exists"] = host.bridge.function(exists)
    return asked


@pytest.mark.parametrize(
    ("drive", "folder"),
    [
        ("/Volumes/NAS", "/Volumes/NAS/a/"),
        ("Z:", "Z:\\a\\"),
        ("\\\\nas\\photos", "\\\\nas\\photos\\a\\"),
        ("/net", "/net/a/"),
    ],
)
def test_a_drive_that_hangs_is_asked_once(host: Host, daemon: FakeDaemon, drive: str, folder: str) -> None:
    """Whatever its folders: the daemon is told of the others and finds out, and none is called missing."""
    asked = hang(host, drive)
    photos = [host.catalog.add_photo(f"{folder}{n % 3}/IMG_{n:04}.NEF") for n in range(600)]
    host.select(photos)
    said = cull(host).text
    assert len(asked) == 1
    assert "600 of 600 photos judged" in said
    assert {photo.marks for photo in photos} == {KEPT}


@pytest.mark.parametrize(
    ("gone", "other"),
    [
        ("/Volumes/NAS/", "/Volumes/SSD/"),
        ("Z:\\", "C:\\"),
        ("\\\\nas\\one\\", "\\\\nas\\two\\"),
        ("Z:\\", "/home/"),
    ],
)
def test_another_drive_is_asked_all_the_same(host: Host, daemon: FakeDaemon, gone: str, other: str) -> None:
    """What is missing there is skipped and counted."""
    hang(host, gone)
    photos = [host.catalog.add_photo(f"{gone}1.NEF"), host.catalog.add_photo(f"{other}1.NEF")]
    photos.append(host.catalog.add_photo(f"{other}2.NEF", exists=False))
    host.select(photos)
    assert "1 skipped: no file and no preview" in cull(host).text
    assert [photo["path"] for photo in daemon.job.photos.values()] == [f"{gone}1.NEF", f"{other}1.NEF"]


def test_a_smart_preview_goes_with_a_photo_on_such_a_drive(host: Host, daemon: FakeDaemon) -> None:
    """The daemon judges it where the drive does not answer it either; no preview is rendered for that."""
    hang(host, "/Volumes/NAS")
    preview = host.files.home / "1.dng"
    preview.write_bytes(b"preview")
    info = {"smartPreviewPath": str(preview), "smartPreviewSize": 7}
    photos = [host.catalog.add_photo(f"/Volumes/NAS/{n}.NEF", smartPreviewInfo=info) for n in range(2)]
    photos.append(host.catalog.add_photo("/Volumes/NAS/3.NEF", thumbnail=b"jpeg"))
    host.select(photos)
    cull(host)
    fallbacks = [photo.get("fallback") for photo in daemon.job.photos.values()]
    assert fallbacks == [str(preview), str(preview), None]
    assert "requestJpegThumbnail" not in {query["what"] for query in host.queries}


@pytest.mark.parametrize("there", [True, False])
def test_a_drive_at_its_ease_is_asked_for_each(host: Host, daemon: FakeDaemon, there: bool) -> None:
    """A second for an answer is no reason to believe anything."""
    asked = hang(host, "/Volumes/Disk", there=there, after=1.0)
    host.select([host.catalog.add_photo(f"/Volumes/Disk/{n}.NEF") for n in range(5)])
    said = cull(host).text
    assert len(asked) == 5
    assert ("5 of 5 photos judged" in said) is there
    assert ("5 skipped: no file and no preview" in said) is not there


def test_the_import_watch_asks_once_as_well(host: Host, daemon: FakeDaemon) -> None:
    """An import onto a share that went away stops Lightroom for one question at most."""
    host.menu("Flag new imports automatically")
    host.run_for(5)
    asked = hang(host, "/Volumes/NAS")
    for number in range(50):
        host.catalog.add_photo(f"/Volumes/NAS/{number}.NEF")
    host.run_for(200)
    assert len(daemon.job.photos) == 50
    assert len(asked) <= 2  # once for the choice, once for the run
