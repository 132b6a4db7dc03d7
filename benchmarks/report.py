"""Size of a report, and the seconds to write it, to open it and to move in it.

    python benchmarks/report.py [--photos N] [--pictures FOLDER] [--report FILE.html]

Writes the report of N simulated photos (5,000) with thumbnails of real size, opens it in headless Chromium
at 1366 x 768 and presses arrow keys. With `--pictures` it saves screenshots, also at 390 x 844 (a phone).
With `--report` it measures that report instead.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
from skimage import data

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from autocull.judge import Settings
from autocull.output.report.report import ReportWriter
from autocull.output.result import Judged
from autocull.pipeline.thumbnail import make_thumbnail
from autocull.series.model import SeriesPosition
from support.browser import Browser, open_browser
from support.evidence_builders import face, focus
from support.result_factories import judged

_SIZES = {"screen": (1366, 768), "phone": (390, 844)}
_KEYS = {"ArrowRight": 39, "ArrowDown": 40}
_PRESSES = 15


def main() -> None:
    """Write a report, open it, press keys, and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=5000)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autocull-benchmark-", ignore_cleanup_errors=True) as folder:
        path = (options.report or Path(folder) / "report.html").resolve()
        if not options.report:
            start = time.perf_counter()
            _write_report(path, options.photos)
            print(f"{options.photos:,} photos written in {time.perf_counter() - start:.1f} s")
        print(f"{path.stat().st_size / 1e6:.1f} MB")
        with open_browser(Path(folder) / "profile") as browser:
            _measure(browser, path)
            if options.pictures:
                _save_pictures(browser, path, options.pictures)


def _measure(browser: Browser, path: Path) -> None:
    browser.resize(*_SIZES["screen"])
    seconds = browser.open(path.as_uri())
    print(f"open: {seconds:.1f} s ({browser.busy_seconds():.1f} s of processor time on the main thread)")
    for key, code in _KEYS.items():
        before = browser.busy_seconds()
        _print_times(key, [browser.press(key, code) for _ in range(_PRESSES)])
        busy = 1000 * (browser.busy_seconds() - before) / _PRESSES
        print(f"  of it on the main thread: {busy:.0f} ms on average")
    _print_times("Enter", [browser.press("Enter", 13)])
    _print_times("ArrowRight in the large view", [browser.press("ArrowRight", 39) for _ in range(_PRESSES)])
    _print_times("Escape", [browser.press("Escape", 27)])
    _print_times("filter and back", [browser.press(key, ord(key)) for key in "20" * 3])


def _print_times(name: str, seconds: list[float]) -> None:
    times = [1000 * each for each in seconds]
    print(f"{name}: {statistics.median(times):.0f} ms ({min(times):.0f} to {max(times):.0f} of {len(times)})")


def _save_pictures(browser: Browser, path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, size in _SIZES.items():
        browser.resize(*size)
        browser.open("about:blank")
        browser.open(path.as_uri())
        browser.save_picture(folder / f"report-{name}.png")
        browser.press("ArrowRight", 39)
        browser.press("Enter", 13)
        browser.save_picture(folder / f"large-{name}.png")


def _write_report(path: Path, photos: int) -> None:
    thumbnails = list(_make_thumbnails())
    writer = ReportWriter(
        path,
        title="Simulated shoot",
        settings=Settings(),
        find_thumbnail=lambda frame: thumbnails[crc32(frame.path.name.encode()) % len(thumbnails)],
    )
    with closing(writer):
        for number in range(photos):
            writer.add(_simulate(number))
        writer.finish()


def _make_thumbnails() -> Iterator[bytes]:
    """Yield thumbnails of 64 random parts of photos; they are as large as those of real photos."""
    random_number = random.Random(7).randrange
    for number in range(64):
        photo = (data.astronaut, data.coffee, data.cat)[number % 3]()
        top, left = random_number(photo.shape[0] - 296), random_number(photo.shape[1] - 444)
        yield make_thumbnail(np.ascontiguousarray(photo[top : top + 296, left : left + 444]))


def _simulate(number: int) -> Judged:
    """Make one result; five frames in a row are a burst, and each third photo has a fault."""
    draw = random.Random(number).random
    measured = (
        {"faces": (face(0.02), face(0.9)), "focus": focus(0.9)},
        {"faces": (face(),), "defects": {"too_dark": 0.4 + draw() / 2}},
        {"focus": focus(draw()), "defects": {"defocus": draw()}},
    )
    result = judged(Path(f"/shoot/2024-05-01/IMG_{number:05d}.JPG"), **measured[number % 3])
    first, rank = number - number % 5, number % 5 + 1
    position = SeriesPosition(f"{first:012d}", "burst", rank, 5, Path(f"IMG_{first:05d}.JPG"))
    return replace(result, verdict=replace(result.verdict, series=position))


if __name__ == "__main__":
    main()
