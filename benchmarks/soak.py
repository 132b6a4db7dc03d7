"""Many photos through command line and daemon with kills: the same verdicts, no photo lost, flat memory.

    python benchmarks/soak.py [--photos N] [--kills K] [--seed S] [--folder DIR]

Makes N small photos in series, culls them undisturbed for reference, then with K kills each: `kill -9` and
SIGTERM of the run, and kills of its workers, while it measures, writes sidecars and moves the photos, and
kills of the daemon in a job and between two jobs. Prints what was compared, one line each, and ends with
code 1 where anything differs. 20,000 photos take some hours. Needs a POSIX system.
"""

from __future__ import annotations

import argparse
import filecmp
import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from daemon_process import RunningDaemon, run_daemon
from PIL import Image, ImageFilter
from skimage import data

KEYS = ("verdict", "rating", "label", "flag", "score", "reasons", "series", "error")
BURST = 5  # photos of one scene, a quarter of a second apart
PIECE = 500  # photos in one request
END_TIMEOUT = 30.0  # seconds in which the processes of a killed run have to end
ACTS = ("kill run", "kill a worker", "kill all workers", "terminate run")
Records = dict[str, dict[str, Any]]


@dataclass
class Report:
    """The comparisons so far; prints each at once."""

    failures: list[str] = field(default_factory=list)

    def compare(self, name: str, count: int, differences: int, remark: str = "") -> None:
        """Print one comparison, and note it where something differs."""
        if differences:
            self.failures.append(name)
        outcome = "equal" if not differences else f"{differences:,} DIFFER"
        print(f"{name:58} {count:>8,}  {outcome:12} {remark}", flush=True)

    def compare_records(self, name: str, records: Records, reference: Records, remark: str = "") -> None:
        """Compare verdict, marks, score, reasons and series of every photo."""
        names = records.keys() | reference.keys()
        different = [each for each in sorted(names) if not _equal(records.get(each), reference.get(each))]
        self.compare(name, len(reference), len(different), f"{remark} {', '.join(different[:3])}".strip())


def main() -> int:
    """Run all comparisons and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the photos are made; default: a temporary folder")
    options = parser.parse_args()
    random.seed(options.seed)
    report = Report()
    with tempfile.TemporaryDirectory(prefix="autocull-soak-", dir=options.folder) as name:
        folder = Path(name)
        shoot = folder / "shoot"
        make_photos(shoot, options.photos, options.seed)
        print(f"{'compared':58} {'photos':>8}  outcome")
        reference = soak_command_line(folder, shoot, options.kills, report)
        soak_daemon(folder, shoot, options.kills, reference, report)
        soak_outputs(folder, shoot, options.kills, report)
    print("All equal." if not report.failures else f"Different: {'; '.join(report.failures)}")
    return 1 if report.failures else 0


def make_photos(folder: Path, count: int, seed: int) -> None:
    """Write photos in bursts of five: crops of one picture with noise, more or less sharp and light."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    pictures: Any = data
    sources = [pictures.astronaut(), pictures.coffee(), pictures.chelsea(), pictures.rocket()]
    for number in range(count):
        scene = number // BURST
        source = Image.fromarray(sources[scene % len(sources)])
        scene_rng = np.random.default_rng(seed * 1_000_003 + scene)
        left, top = scene_rng.integers(0, 60, 2) + rng.integers(0, 4, 2)
        frame = source.crop((left, top, left + 240, top + 180)).filter(
            ImageFilter.GaussianBlur(float(rng.choice([0, 0, 0.6, 1.5])))
        )
        light = float(rng.choice([1, 1, 1, 0.1, 3]))
        pixels = np.asarray(frame, np.float32) * light + rng.normal(0, 3, (180, 240, 1))
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = "Example", "Soak"
        seconds = scene * 20 + (number % BURST) / 4
        taken = time.strftime("%Y:%m:%d %H:%M:%S", time.gmtime(1_780_000_000 + int(seconds)))
        exif.get_ifd(0x8769).update({0x9003: taken, 0x9291: f"{int(seconds % 1 * 100):02}"})
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        picture.save(folder / f"S{number:06}.jpg", quality=90, exif=exif)


def soak_command_line(folder: Path, shoot: Path, kills: int, report: Report) -> Records:
    """Compare a run with kills with one without, and both with a run over measured photos."""
    lines = [folder / f"{name}.jsonl" for name in ("reference", "killed", "known")]
    run = start_cull(shoot, folder / "reference.sqlite", "--json", lines[0])
    memory = watch_memory(run)
    assert run.wait() == 0
    reference = read_records(lines[0])
    orphans = cull_with_kills(shoot, folder / "killed.sqlite", kills, "--json", lines[1])
    report.compare_records("command line with kills, and without", read_records(lines[1]), reference)
    report.compare("its workers have ended", kills, orphans)
    started = time.perf_counter()
    assert start_cull(shoot, folder / "killed.sqlite", "--json", lines[2]).wait() == 0
    seconds = time.perf_counter() - started
    same = filecmp.cmp(lines[0], lines[2], shallow=False)
    report.compare(
        "known photos again, byte for byte", len(reference), 0 if same else 1, f"in {seconds:.1f} s"
    )
    report.compare("memory of the workers, first and last quarter (MB)", *memory)
    return reference


def soak_daemon(folder: Path, shoot: Path, kills: int, reference: Records, report: Report) -> None:
    """Compare a job without kills, one with kills of daemon and workers, and one after idle workers died."""
    paths = sorted(shoot.iterdir())
    with run_daemon(folder / "plain") as daemon:
        results = wait_for_results(daemon, create_job(daemon, paths))
    report.compare_records("daemon, and command line", results, reference)
    home = folder / "killed"
    job, done = "", 0
    for number in range(kills + 1):
        (home / ".autocull" / "daemon.json").unlink(missing_ok=True)  # of the daemon that was killed
        with run_daemon(home) as daemon:
            job = job or create_job(daemon, paths)
            if number == kills:
                results = wait_for_results(daemon, job)
                break
            done = max(done, len(paths) * (number + 1) // (kills + 2))
            wait_until(lambda daemon=daemon, job=job, done=done: job_of(daemon, job)["done"] >= done)
            act(daemon.process, ACTS[number % 3])
            if daemon.process.poll() is None:
                time.sleep(1)
                daemon.process.kill()
            daemon.process.wait()
    report.compare_records("daemon with kills, and command line", results, reference)
    with run_daemon(folder / "idle") as daemon:
        first = wait_for_results(daemon, create_job(daemon, paths[: len(paths) // 2]))
        act(daemon.process, "kill all workers")
        second = wait_for_results(daemon, create_job(daemon, paths[len(paths) // 2 :]))
    missing = len(paths) - sum(each["error"] is None for each in (first | second).values())
    unreadable = sum(each["error"] is not None for each in reference.values())
    report.compare("jobs before and after idle workers were killed", len(paths), missing - unreadable)


def soak_outputs(folder: Path, shoot: Path, kills: int, report: Report) -> None:
    """Kill runs that write sidecars and move photos: no photo is lost, and undo restores the folder."""
    before = hashes_of(shoot)
    store, into = folder / "killed.sqlite", folder / "sorted"
    orphans = 0
    for number in range(kills):
        run = start_cull(shoot, store, "--xmp")
        goal = len(before) * (number + 1) // (kills + 1)
        wait_until(lambda run=run, goal=goal: run.poll() is not None or count_files(shoot, ".xmp") >= goal)
        orphans += act(run, ACTS[number % 2 * 3])
    assert start_cull(shoot, store, "--xmp").wait() == 0
    report.compare("sidecars after kills", len(before), abs(count_files(shoot, ".xmp") - len(before)))
    content = hashes_of(shoot)
    report.compare(
        "photos beside them", len(before), sum(content.get(name) != before[name] for name in before)
    )
    for number in range(kills):
        run = start_cull(shoot, store, "--sort-into", into, "--by", "verdict", "--move")
        goal = 2 * len(before) * (number + 1) // (kills + 1)
        wait_until(lambda run=run, goal=goal: run.poll() is not None or count_files(into) >= goal)
        orphans += act(run, ACTS[number % 2 * 3])
        everywhere = {*hashes_of(shoot).values(), *hashes_of(into).values()}
        report.compare(
            f"files after kill {number + 1} of a move", len(content), len({*content.values()} - everywhere)
        )
    for journal in sorted(folder.glob("sorted-*.journal"), reverse=True):
        subprocess.run(
            [sys.executable, "-m", "autocull", "undo", str(journal)], check=False, capture_output=True
        )
    report.compare(
        "files after undo", len(content), sum(hashes_of(shoot).get(name) != content[name] for name in content)
    )
    assert start_cull(shoot, store, "--xmp").wait() == 0
    left = [path for path in folder.rglob(".autocull-*.tmp") if path.parent == shoot]
    report.compare("temporary files left by killed runs", len(left), len(left))
    report.compare("workers of killed runs have ended", 2 * kills, orphans)


def start_cull(shoot: Path, store: Path, *words: str | Path) -> subprocess.Popen[bytes]:
    """Start `autocull cull`, with two workers."""
    command = [sys.executable, "-m", "autocull", "cull", shoot, "--workers", "2", "--store", store, *words]
    return subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def cull_with_kills(shoot: Path, store: Path, kills: int, *words: str | Path) -> int:
    """Run the same command until it ends by itself, with kills on the way; returns the workers left over."""
    total, orphans = len(list(shoot.iterdir())), 0
    run = start_cull(shoot, store, *words)
    for number in range(kills):
        goal = total * (number + 1) // (kills + 1)
        wait_until(lambda run=run, goal=goal: run.poll() is not None or count_stored(store) >= goal)
        orphans += act(run, ACTS[number % len(ACTS)])
        if run.poll() is not None:
            run = start_cull(shoot, store, *words)
    assert run.wait() == 0
    return orphans


def act(run: subprocess.Popen[bytes], kind: str) -> int:
    """Kill a run or its workers; returns how many of its processes are left where the run was ended."""
    with suppress(psutil.Error):
        workers = psutil.Process(run.pid).children(recursive=True)
        if "worker" in kind:
            for worker in (
                workers if kind == "kill all workers" else random.sample(workers, 1) if workers else []
            ):
                worker.kill()
            return 0
        run.send_signal(signal.SIGKILL if kind == "kill run" else signal.SIGTERM)
        run.wait()
        return len(psutil.wait_procs(workers, timeout=END_TIMEOUT)[1])
    run.wait()  # it had ended already
    return 0


def watch_memory(run: subprocess.Popen[bytes]) -> tuple[int, int, str]:
    """Sample the workers' memory until a run ends; returns samples, 1 where it grew by a third, and text."""
    samples: list[float] = []
    while run.poll() is None:
        with suppress(psutil.Error, ValueError):
            workers = psutil.Process(run.pid).children(recursive=True)
            samples.append(max(worker.memory_info().rss for worker in workers) / 2**20)
        time.sleep(0.2)
    quarter = max(1, len(samples) // 4)
    first, last = max(samples[quarter : 2 * quarter] or [0]), max(samples[-quarter:] or [0])
    return len(samples), int(last > first * 4 / 3), f"{first:.0f}, {last:.0f}"


def create_job(daemon: RunningDaemon, paths: list[Path]) -> str:
    """Send all photos in pieces, and return the job's id."""
    job = ""
    for start in range(0, len(paths), PIECE):
        photos = [{"id": path.name, "path": str(path)} for path in paths[start : start + PIECE]]
        body = {"photos": photos, "more": start + PIECE < len(paths)}
        job = daemon.request(f"/v1/jobs/{job}/photos" if job else "/v1/jobs", body)["id"]
    return job


def job_of(daemon: RunningDaemon, job: str) -> dict[str, Any]:
    """Return the state of a job."""
    state: dict[str, Any] = daemon.request(f"/v1/jobs/{job}")
    return state


def wait_for_results(daemon: RunningDaemon, job: str) -> Records:
    """Wait for the end of a job and return its results by name, the last one of each photo."""
    wait_until(lambda: job_of(daemon, job)["state"] in ("done", "failed"))
    results: Records = {}
    after, complete = 0, False
    while not complete:
        page = daemon.request(f"/v1/jobs/{job}/results?after={after}&limit=500")
        results |= {result["id"]: result for result in page["results"]}
        complete, after = page["complete"] and not page["results"], page["next"]
    return results


def read_records(lines: Path) -> Records:
    """Return the objects of JSON lines by the names of their photos."""
    records = map(json.loads, lines.read_text("utf-8").splitlines())
    return {Path(record["path"]).name: record for record in records}


def _equal(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    if one is None or other is None:
        return False
    return all(one.get(key) == other.get(key) for key in KEYS)


def count_stored(store: Path) -> int:
    """Return the number of photos in a store, 0 where there is none yet."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM photos").fetchone()[0])
    return 0


def count_files(folder: Path, suffix: str = "") -> int:
    """Return the number of files below a folder, of a suffix; temporary ones are left out."""
    return sum(path.suffix == suffix or (not suffix and path.suffix != ".tmp") for path in _files(folder))


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the digest of every file below a folder by its path, without temporary ones."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files(folder)
        if path.suffix != ".tmp"
    }


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent) / name for name in names)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, which is checked often."""
    while not condition():
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
