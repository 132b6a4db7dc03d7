"""Overhead of culling in Lightroom: the same photos by plug-in and daemon, and by `autocull cull`.

    python benchmarks/roundtrip.py [--photos N]

The plug-in's own files run in Lua 5.1 in the tests' fake Lightroom, against a daemon that is started for
this, with its own store and home folder; its sleeps take real time. Both are run twice: when every photo must
be measured, and when all of them were measured before, so that only the overhead is left.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from daemon_process import run_daemon
from process_usage import run_autocull
from sample_photos import make_shoot

from plugin.host import Host
from plugin.literal_files import PLUGIN

DAY_SECONDS = 86_400


def main() -> None:
    """Print the time of both, and the difference per photo."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=2000)
    count = parser.parse_args().photos
    with tempfile.TemporaryDirectory(prefix="autocull-benchmark-") as folder:
        paths = make_shoot(Path(folder) / "shoot", "small JPEG", count)
        home = Path(folder) / "home"
        print("| photos | autocull cull, s | plug-in and daemon, s | more per photo, ms |\n|---|---|---|---|")
        with run_daemon(home):
            for name in (f"{count:,}, new", f"{count:,}, measured before"):
                direct = run_autocull(
                    "cull", Path(folder) / "shoot", store=Path(folder) / "store.sqlite"
                ).wall
                lightroom = _cull_in_lightroom(home, paths)
                difference = 1000 * (lightroom - direct) / count
                print(f"| {name} | {direct:.1f} | {lightroom:.1f} | {difference:.2f} |", flush=True)


def _cull_in_lightroom(home: Path, paths: list[Path]) -> float:
    """Cull all photos by the menu in a new catalog; returns the seconds from the menu to the end."""
    host = Host(PLUGIN, home, real_time=True, longest_sleep=5.0)
    host.set_pref("confirmAbove", len(paths))
    host.load()
    photos = [host.catalog.add_photo(str(path)) for path in paths]
    host.select(photos)
    started = time.perf_counter()
    host.menu("Auto-cull selection")
    host.run(at_most_s=DAY_SECONDS)
    seconds = time.perf_counter() - started
    host.check()
    assert all(photo.property("verdict") for photo in photos), "some photo got no verdict"
    return seconds


if __name__ == "__main__":
    main()
