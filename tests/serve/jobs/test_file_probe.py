"""Looking at files: within a time, once per hanging folder, and with the look's own answer."""

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
from support.job_fixtures import until


class Drive:
    """Answers once it is told to, and notes what it was asked."""

    def __init__(self) -> None:
        self.back = Event()
        self.asked: list[str] = []

    def __call__(self, frame: Frame, versions: Mapping[str, str]) -> bytes | None:
        """Say that the file is there; in the folder `nas` only when the drive is back."""
        self.asked.append(frame.path.name)
        if frame.path.parent.name == "nas":
            assert self.back.wait(120)
        return b"there"


def test_an_answer_is_the_systems_own(tmp_path: Path) -> None:
    """Identities are those of the store, and a file that is not there has none."""
    [frame] = frames_in(tmp_path, "a.jpg")
    look = FileProbe()
    assert look(frame, {"focus": "1"}) == identify(frame, {"focus": "1"}) != None  # noqa: E711 - it has one
    assert look(Frame(tmp_path / "b.jpg"), {}) is None


def test_a_hanging_folder_is_asked_once_until_it_comes_back() -> None:
    """Others are answered meanwhile; back again, it is asked as before."""
    drive = Drive()
    look = FileProbe(0.2, drive)
    for name in "abc":
        with pytest.raises(PhotoError, match="did not answer within") as caught:
            look(Frame(Path("/nas") / name), {})
        assert caught.value.code == "timeout"
    assert look(Frame(Path("/local/d")), {}) == b"there"
    assert drive.asked == ["a", "d"]
    drive.back.set()

    def answers() -> bool:
        try:
            return look(Frame(Path("/nas/e")), {}) == b"there"
        except PhotoError:
            return False

    until(answers, "the drive's answer")


def test_a_look_that_fails_fails_where_it_was_asked() -> None:
    """Nothing is swallowed in the other thread."""

    def fails(frame: Frame, versions: Mapping[str, str]) -> bytes | None:
        raise PhotoError(frame.path, "No.", code="no_permission")

    with pytest.raises(PhotoError) as caught:
        FileProbe(60, fails)(Frame(Path("/a")), {})
    assert caught.value.code == "no_permission"
