"""Fakes of reading and measuring that worker processes can import, and simple evidence."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from zlib import crc32

from autocull.errors import ModelError, PhotoError
from autocull.judge.verdict import Marks, Reason, Verdict
from autocull.measure.evidence import Evidence
from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_process import Measure
from autocull.read import Frame
from support import evidence_builders as builders

VERSIONS = {"faces": "1", "focus": "2"}
JPEG = b"\xff\xd8 small \xff\xd9"
_SHARP = {"soft": 0.05, "worse": 0.7}


def evidence(sharp: float = 0.9, *, faces: int = 1, scene: str = "") -> Evidence:
    """Make evidence of a sharpness, with faces, and the same embedding for every picture of a scene."""
    people = tuple(builders.face() for _ in range(faces))
    return builders.evidence(
        faces=people,
        focus=builders.focus(sharp),
        defects={"defocus": 1 - sharp},
        likeness=builders.make_embedding(crc32(scene.encode()), take=1, difference=0.1),
        models=VERSIONS,
        remarks=("odd",),
    )


def judge(_: Frame, photo_evidence: Evidence, limit: float = 0.5) -> tuple[Verdict, Marks]:
    """Judge by sharpness alone."""
    if photo_evidence.focus.sharp >= limit:
        return Verdict("keep", photo_evidence.focus.sharp, (), ("open",), "open", 0.9), Marks(3, "none", 0)
    reason = Reason("soft", photo_evidence.focus.sharp, limit)
    return Verdict("reject", 0.1, (reason,), ("open",), "open", 0.9), Marks(0, "red", -1)


class FakeWorkers:
    """Measures in this process, and records the requested paths and whether it was stopped."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self.requested: list[Path] = []
        self.stopped = False

    def measure(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Measurement]]:
        """Yield each frame's measurement."""
        for frame in frames:
            self.requested.append(frame.path)
            yield frame, self._measure(frame)

    def stop(self) -> None:
        """Record the stop."""
        self.stopped = True


def measure_by_name(frame: Frame) -> Measurement:
    """Act by the file's name, else return evidence; names with the same text before "@" are one scene."""
    acts = {
        "kill": lambda: os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM)),
        "exit": lambda: os._exit(7),
        "hang": lambda: time.sleep(600),
        "memory": partial(_throw, MemoryError()),
        "surprise": partial(_throw, ValueError("a library\nstumbled")),
        "model": partial(_throw, ModelError(Path("focus"), "The focus model is corrupt. Install again.")),
        "ctrl_c": partial(os.kill, os.getppid(), signal.SIGINT),
        "refuse": partial(_throw, PhotoError(frame.path, "The file is damaged.", code="damaged")),
    }
    for word, act in acts.items():
        if word in frame.path.stem:
            act()
    sharp = next((value for word, value in _SHARP.items() if word in frame.path.stem), 0.9)
    return Measurement(evidence(sharp, scene=frame.path.stem.split("@")[0]), JPEG)


def _throw(error: BaseException) -> None:
    raise error


def by_name() -> Measure:
    """Prepare a worker that acts by file names."""
    return measure_by_name


def slowly(seconds: float) -> Measure:
    """Prepare a worker that waits before each frame; use with `partial`."""

    def measure(frame: Frame) -> Measurement:
        time.sleep(seconds)
        return measure_by_name(frame)

    return measure


def slowly_after(seconds: float, quick: str) -> Measure:
    """Prepare a worker that waits before each frame unless its name has `quick` in it."""

    def measure(frame: Frame) -> Measurement:
        if quick not in frame.path.stem:
            time.sleep(seconds)
        return measure_by_name(frame)

    return measure


def slow_start(seconds: float) -> Measure:
    """Prepare a worker that waits before its start."""
    time.sleep(seconds)
    return measure_by_name


def no_model() -> Measure:
    """Fail to prepare, as a missing model does."""
    raise ModelError(Path("models/focus"), "The model file models/focus is missing. Install Autocull again.")


def dies_at_start() -> Measure:
    """End the process before it is ready."""
    os._exit(3)


def dies_once(marker: Path) -> Measure:
    """End the first process that starts, and let the later ones work."""
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return measure_by_name
    os._exit(3)


def fails_until(marker: Path) -> Measure:
    """End every process that starts before the marker exists."""
    if not marker.exists():
        os._exit(3)
    return measure_by_name


def acts_once(folder: Path) -> Measure:
    """Act by a file's name at the first try only; use with `partial`."""

    def measure(frame: Frame) -> Measurement:
        try:
            (folder / f"{frame.path.stem}.tried").touch(exist_ok=False)
        except FileExistsError:
            return Measurement(evidence(), JPEG)
        return measure_by_name(frame)

    return measure


def counts_tries(folder: Path) -> Measure:
    """Act by a file's name, after adding the process's number to a file per frame; use with `partial`."""

    def measure(frame: Frame) -> Measurement:
        with (folder / f"{frame.path.stem}.tries").open("a") as tries:
            tries.write(f"{os.getpid()}\n")
        return measure_by_name(frame)

    return measure


def frames_in(folder: Path, *names: str) -> list[Frame]:
    """Write small files and return their frames."""
    frames = []
    for name in names:
        path = folder / name
        path.write_bytes(b"photo " + name.encode())
        frames.append(Frame(path))
    return frames


def measured_or_refused(frame: Frame) -> Measurement:
    """Measure as a worker does: a photo's error is its measurement."""
    try:
        return measure_by_name(frame)
    except PhotoError as error:
        return Measurement(error)
