"""Only Lightroom is a stand-in here: the plug-in starts a real daemon, which judges real photos."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from autocull import __version__
from plugin.catalog import Photo
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import UNMARKED, last_report
from support.sample_series import BRACKET, BURST, OTHER, SHARPEST, write_sample_shoot

SECONDS = 600.0  # of the host's clock; its sleeps are cut short
COUNT = 48  # photos, of which the daemon has judged but some when it is killed
LABELS = {"red", "yellow", "green", "blue", "purple", "none"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in quotes for a POSIX shell here")


class Installed:
    """A user's home in which Autocull is installed, and whatever runs in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / ".autocull"
        self.environment: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
            "HOME": str(home),
        }
        self.folder.mkdir(parents=True)
        self.write_launcher()

    def write_launcher(self) -> None:
        """Write what `autocull install` writes for the plug-in."""
        launcher = {
            "program": sys.executable,
            "arguments": ["-m", "autocull", "start"],
            "log": "/dev/null",
            "version": __version__,
        }
        (self.folder / "launcher.json").write_text(json.dumps(launcher), "utf-8")

    def run(self, command: str) -> int:
        """Run a command line of the plug-in as the system's shell does."""
        return subprocess.run(command, shell=True, env=self.environment, timeout=120, check=False).returncode

    def stop(self) -> None:
        """End the daemon where one runs."""
        subprocess.run(
            [sys.executable, "-m", "autocull", "stop"],
            env=self.environment, timeout=120, check=False, capture_output=True,
        )  # fmt: skip

    @property
    def published(self) -> dict[str, Any]:
        """What the daemon published."""
        result: dict[str, Any] = json.loads((self.folder / "daemon.json").read_text("utf-8"))
        return result


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installed]:
    """A home with a blank and an umlaut in its path; no daemon is left behind."""
    home = tmp_path / "Zoë Müller"
    home.mkdir()
    installed = Installed(home)
    yield installed
    installed.stop()


@pytest.fixture
def host(installed: Installed) -> Iterator[Host]:
    """Lightroom with the plug-in loaded, whose commands and sleeps are real."""
    host = Host(PLUGIN, installed.home, real_time=True)
    host.on_execute = installed.run
    host.load()
    yield host
    host.check()


def pictures(host: Host, folder: Path, count: int) -> list[Photo]:
    """Real photos of noise and darkness, small, with names that are not ASCII; all selected."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(7)
    photos = []
    for number in range(count):
        grain = noise.integers(0, 255, (240, 320, 3), np.uint8)
        path = folder / f"Größe {number} 写真.jpg"
        Image.fromarray(grain // (30 if number % 2 else 1)).save(path, quality=92)
        photos.append(host.catalog.add_photo(path))
    host.select(photos)
    return photos


def choose(host: Host, title: str) -> str:
    """Choose a menu item and return the text of its report, or else of the last dialog."""
    bezels = len(host.bezels)
    host.menu(title)
    host.run(until=lambda: not host.tasks, at_most_s=SECONDS)
    return (last_report(host) if len(host.bezels) > bezels else host.dialogs[-1]).text


def test_from_the_menu_to_the_marks_and_back(installed: Installed, host: Host, tmp_path: Path) -> None:
    """The daemon is started, every photo is judged or named, marks and fields come, and undo works."""
    photos = pictures(host, tmp_path / "Shooting ß", 3)
    text = host.catalog.add_photo(installed.home / "letter.jpg")
    Path(text.path).write_text("not a photo")
    host.select([*photos, text])
    report = choose(host, "Auto-cull selection")
    assert "3 of 4 photos judged" in report
    assert "1 could not be read" in report
    assert "letter.jpg" in report
    for photo in photos:
        assert photo.property("verdict") in {"keep", "reject", "cannot_tell"}
        assert photo.label in LABELS
        assert len(photo.property("model") or "") == 8
        assert photo.property("cullState") == f"done:{photo.property('model')}"
    assert any(photo.marks != UNMARKED for photo in photos)
    assert text.marks == UNMARKED
    assert not any(request.error for request in host.http_requests)
    assert all((request.status or 0) < 300 for request in host.http_requests)
    installed.stop()
    host.quit()
    host.load()
    host.answer_dialog("Undo the auto-cull of", "ok")
    assert "The auto-cull is undone" in choose(host, "Undo last auto-cull")
    assert {photo.marks for photo in photos} == {UNMARKED}


def shot(host: Host, folder: Path) -> dict[str, Photo]:
    """A burst, a bracket and a single photo in the catalog, all selected; by name."""
    folder.mkdir(parents=True)
    photos = {name: host.catalog.add_photo(path) for name, path in write_sample_shoot(folder).items()}
    host.select(list(photos.values()))
    return photos


def check_series(photos: dict[str, Photo]) -> None:
    """One of the burst is kept, the others name it; the bracket is whole, and the last photo is single."""
    burst = {name: photos[name] for name in BURST}
    assert {photo.property("seriesKind") for photo in burst.values()} == {"burst"}
    assert len({photo.property("seriesId") for photo in burst.values()}) == 1
    assert [name for name in BURST if photos[name].property("verdict") == "keep"] == [SHARPEST]
    assert photos[SHARPEST].property("seriesRank") == "1/4"
    for name in set(BURST) - {SHARPEST}:
        assert photos[name].property("verdict") == "reject"
        assert f"Frame {SHARPEST} of this series is better" in (photos[name].property("reasons") or "")
        assert photos[name].flag == -1
    bracket = [photos[name] for name in BRACKET]
    assert {photo.property("seriesKind") for photo in bracket} == {"bracket"}
    assert {photo.property("verdict") for photo in bracket} == {"keep"}
    assert [photo.property("seriesRank") for photo in bracket] == ["1/3", "2/3", "3/3"]
    assert photos[OTHER].property("seriesKind") == "single"
    assert photos[OTHER].property("seriesId") is None


def test_series_are_complete_and_undo_restores_the_marks(
    installed: Installed, host: Host, tmp_path: Path
) -> None:
    """From the menu through a real daemon and real networks, and back."""
    photos = shot(host, tmp_path / "Serie ß")
    report = choose(host, "Auto-cull selection")
    assert "8 of 8 photos judged" in report
    assert "Bursts: 1, with 4 photos" in report
    assert "Brackets, kept whole: 1, with 3 photos" in report
    assert "3 of 3 rejects come from better frames of a series" in report
    assert "Marks written to 8 photos" in report
    check_series(photos)
    host.select([photos["burst3.jpg"]])
    report = choose(host, "Explain this photo")
    assert "burst3.jpg: Reject" in report
    assert "Burst of 4: rank" in report
    host.answer_dialog("Undo the auto-cull of", "ok")
    assert "The auto-cull is undone" in choose(host, "Undo last auto-cull")
    assert {photo.marks for photo in photos.values()} == {UNMARKED}


def test_marks_that_lightroom_writes_into_the_files_change_nothing(host: Host, tmp_path: Path) -> None:
    """The series are the same in the next run, which finds every photo as it is and writes nothing."""
    host.knob("writesXmp", value=True)
    photos = shot(host, tmp_path / "shoot")
    sizes = {name: Path(photo.path).stat().st_size for name, photo in photos.items()}
    choose(host, "Auto-cull selection")
    check_series(photos)
    assert all(Path(photo.path).stat().st_size > sizes[name] for name, photo in photos.items())
    steps, marks = len(host.undo_steps), {name: photo.marks for name, photo in photos.items()}
    report = choose(host, "Auto-cull selection")
    assert "8 photos had these marks already" in report
    check_series(photos)
    assert {name: photo.marks for name, photo in photos.items()} == marks
    assert len(host.undo_steps) == steps


def test_offline_photos_are_judged_by_their_previews(
    installed: Installed, host: Host, tmp_path: Path
) -> None:
    """Lightroom's previews go to the daemon in requests, and are deleted once they are judged."""
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(3).integers(0, 255, (240, 320, 3), np.uint8)).save(stream, "JPEG")
    preview = stream.getvalue()
    photos = [
        host.catalog.add_photo(tmp_path / f"größe {n}.NEF", exists=False, thumbnail=preview) for n in range(3)
    ]
    host.select(photos)
    assert "3 of 3 photos judged" in choose(host, "Auto-cull selection")
    assert all(photo.property("verdict") for photo in photos)
    assert [path for path in (installed.home / ".autocull" / "previews").rglob("*") if path.is_file()] == []


def test_series_are_compared_after_a_daemon_was_killed(
    installed: Installed, host: Host, tmp_path: Path
) -> None:
    """kill -9 while some verdicts are in the catalog: the series are the same as without."""
    photos = shot(host, tmp_path / "shoot")
    host.menu("Auto-cull selection")
    some = list(photos.values())
    host.run(until=lambda: any(photo.property("verdict") for photo in some), at_most_s=SECONDS)
    os.kill(installed.published["pid"], signal.SIGKILL)
    host.run(until=lambda: not host.tasks, at_most_s=SECONDS)
    assert "8 of 8 photos judged" in last_report(host).text
    check_series(photos)


def test_watch_flags_series(installed: Installed, host: Host, tmp_path: Path) -> None:
    """An import's burst has one keep, and its bracket is whole."""
    host.menu("Flag new imports automatically")
    host.run_for(5)
    photos = shot(host, tmp_path / "Karte")
    host.select([])
    host.run(until=lambda: any(text.startswith("New imports: ") for text in host.bezels), at_most_s=SECONDS)
    check_series(photos)
    assert host.bezels[-1] == "New imports: 5 keep, 3 reject, 0 cannot tell"


def test_daemon_killed_during_a_job_loses_nothing(installed: Installed, host: Host, tmp_path: Path) -> None:
    """kill -9 after the first result: the plug-in starts it again, and each photo gets its marks once."""
    photos = pictures(host, tmp_path / "shoot", COUNT)
    rows = [
        "{ verdict = 'keep', score = 0, stars = 4, label = 'blue', flag = 1 }",
        "{ verdict = 'cannot_tell', score = 0, stars = 2, label = 'purple', flag = 0 }",
        "{ verdict = 'reject', score = 0, stars = 1, label = 'yellow', flag = -1 }",
    ]
    host.lua_task(f"assert(require('Settings').set('marks', {{ {', '.join(rows)} }}))")
    host.menu("Auto-cull selection")
    host.run(until=lambda: any(0 < scope.done < COUNT for scope in host.progress_scopes), at_most_s=SECONDS)
    first = installed.published
    os.kill(first["pid"], signal.SIGKILL)
    host.run(until=lambda: not host.tasks, at_most_s=SECONDS)
    report = last_report(host).text
    assert f"{COUNT} of {COUNT} photos judged" in report
    assert f"Marks written to {COUNT} photos" in report
    own = {"keep": (4, "blue", 1), "cannot_tell": (2, "purple", 0), "reject": (1, "yellow", -1)}
    assert [photo.marks for photo in photos] == [own[photo.property("verdict") or ""] for photo in photos]
    second = installed.published
    assert second["pid"] != first["pid"]
    assert second["token"] != first["token"]


def test_new_imports_are_flagged_by_a_daemon_that_the_watch_started(
    installed: Installed, host: Host, tmp_path: Path
) -> None:
    """Nothing was culled yet: the watch starts the daemon, and judges each new photo; the old one stays."""
    host.catalog.size(500_000)
    old = host.catalog.add_photo("/archive/1.NEF")
    host.menu("Flag new imports automatically")
    host.run_for(5)
    assert not installed.folder.joinpath("daemon.json").exists()
    photos = pictures(host, tmp_path / "Karte", 3)
    host.select([])
    host.run(until=lambda: any(text.startswith("New imports: ") for text in host.bezels), at_most_s=SECONDS)
    assert {photo.property("verdict") for photo in photos} <= {"keep", "reject", "cannot_tell"}
    assert old.marks == UNMARKED
    assert not host.dialogs
