"""The file probe: within a time limit, once per hanging folder, with the results of `identify`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Event

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.evidence_store import identify
from autocull.read import Frame
from autocull.serve.jobs.file_probe import FileProbe
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
