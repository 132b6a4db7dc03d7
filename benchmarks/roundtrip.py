"""What the way through Lightroom costs: the same photos through plug-in and daemon, and by `autocull cull`.

    python benchmarks/roundtrip.py [--photos N]

The plug-in's own files run in Lua 5.1 in the tests' stand-in of Lightroom, against a daemon that was started
for this, with a store and a home of its own; its sleeps are slept. Both ways are run twice: when every photo
has to be measured, and when all of them were measured before, which leaves the way alone.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from served import served
from shoots import make_shoot
from watched import autocull

from plugin.host import Host
from plugin.literal_files import PLUGIN

DAY = 86_400


def main() -> None:
    """Print both ways and what lies between them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=2000)
    count = parser.parse_args().photos
    with tempfile.TemporaryDirectory(prefix="autocull-benchmark-") as folder:
        paths = make_shoot(Path(folder) / "shoot", "small JPEG", count)
        home = Path(folder) / "home"
        print("| photos | autocull cull, s | plug-in and daemon, s | more per photo, ms |\n|---|---|---|---|")
        with served(home):
            for name in (f"{count:,}, new", f"{count:,}, measured before"):
                straight = autocull("cull", Path(folder) / "shoot", store=Path(folder) / "store.sqlite").wall
                through = _through_lightroom(home, paths)
                more = 1000 * (through - straight) / count
                print(f"| {name} | {straight:.1f} | {through:.1f} | {more:.2f} |", flush=True)


def _through_lightroom(home: Path, paths: list[Path]) -> float:
    """Cull all photos by the menu in a catalog of their own; returns the seconds from the menu to its end."""
    host = Host(PLUGIN, home, real_time=True, longest_sleep=5.0)
    host.set_pref("confirmAbove", len(paths))
    host.load()
    photos = [host.catalog.add_photo(str(path)) for path in paths]
    host.select(photos)
    started = time.perf_counter()
    host.menu("Auto-cull selection")
    host.run(at_most_s=DAY)
    seconds = time.perf_counter() - started
    host.check()
    assert all(photo.property("verdict") for photo in photos), "some photo got no verdict"
    return seconds


if __name__ == "__main__":
    main()
