"""A drive that does not answer: Lightroom, which is blocked meanwhile, waits for it once."""

from __future__ import annotations

import pytest

from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.shoots import KEPT, cull

HANGS = 30.0  # seconds until an access to an offline share fails


def hang(host: Host, start: str, *, exists: bool = False, after: float = HANGS) -> list[str]:
    """Let every access to a path that starts with `start` hang; return the list of them."""
    request: list[str] = []

    def find(path: str) -> str | bool:
        if not path.startswith(start):
            return host.files.exists(path)
        request.append(path)
        host.lua.now += after
        return "file" if exists else False

    host.lua.bridge["exists"] = host.bridge.function(find)
    return request


@pytest.mark.parametrize(
    ("drive", "folder"),
    [
        ("/Volumes/NAS", "/Volumes/NAS/a/"),
        ("Z:", "Z:\\a\\"),
        ("\\\\nas\\photos", "\\\\nas\\photos\\a\\"),
        ("/net", "/net/a/"),
    ],
)
def test_slow_drive_is_accessed_once(host: Host, daemon: FakeDaemon, drive: str, folder: str) -> None:
    """For all of its folders: the daemon checks the other files, and none counts as missing."""
    request = hang(host, drive)
    photos = [host.catalog.add_photo(f"{folder}{n % 3}/IMG_{n:04}.NEF") for n in range(600)]
    host.select(photos)
    report = cull(host).text
    assert len(request) == 1
    assert "600 of 600 photos judged" in report
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
def test_other_drives_are_still_accessed(host: Host, daemon: FakeDaemon, gone: str, other: str) -> None:
    """Missing files there are skipped and counted."""
    hang(host, gone)
    photos = [host.catalog.add_photo(f"{gone}1.NEF"), host.catalog.add_photo(f"{other}1.NEF")]
    photos.append(host.catalog.add_photo(f"{other}2.NEF", exists=False))
    host.select(photos)
    assert "1 skipped: no file and no preview" in cull(host).text
    assert [photo["path"] for photo in daemon.job.photos.values()] == [f"{gone}1.NEF", f"{other}1.NEF"]


def test_photo_on_a_slow_drive_is_sent_with_its_smart_preview(host: Host, daemon: FakeDaemon) -> None:
    """The daemon judges it where the drive does not answer there either; no preview is rendered for that."""
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


@pytest.mark.parametrize("exists", [True, False])
def test_fast_drive_is_accessed_for_each_file(host: Host, daemon: FakeDaemon, exists: bool) -> None:
    """An answer within a second is fast enough."""
    request = hang(host, "/Volumes/Disk", exists=exists, after=1.0)
    host.select([host.catalog.add_photo(f"/Volumes/Disk/{n}.NEF") for n in range(5)])
    report = cull(host).text
    assert len(request) == 5
    assert ("5 of 5 photos judged" in report) is exists
    assert ("5 skipped: no file and no preview" in report) is not exists


def test_import_watch_accesses_a_slow_drive_once(host: Host, daemon: FakeDaemon) -> None:
    """An import from an offline share blocks Lightroom for one access at most."""
    host.menu("Flag new imports automatically")
    host.run_for(5)
    request = hang(host, "/Volumes/NAS")
    for number in range(50):
        host.catalog.add_photo(f"/Volumes/NAS/{number}.NEF")
    host.run_for(200)
    assert len(daemon.job.photos) == 50
    assert len(request) <= 2  # once for the choice, once for the run
