"""What is known of frames: looked up once, kept once, and never of a file that changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.evidence_cache import Known
from autocull.pipeline.evidence_store import Measurement, Store, identify
from autocull.read import Frame
from support import cull_run_fakes as fakes

MEASURED = Measurement(fakes.evidence())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open a store that must not complain."""
    with closing(Store(tmp_path / "store.sqlite", pytest.fail)) as opened:
        yield opened


def test_what_was_kept_is_recalled_in_order(store: Store, tmp_path: Path) -> None:
    """Also by another run; what was not is None."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    known = Known(store, {})
    assert [outcome for _, outcome in known.recall(frames)] == [None] * 3
    known.keep(frames[1], MEASURED)
    for each in (known, Known(store, {})):
        assert list(each.recall(frames)) == [
            (frames[0], None),
            (frames[1], fakes.evidence()),
            (frames[2], None),
        ]
        assert each.all_of(frames[1:2])
        assert not each.all_of(frames)
    assert not Known(store, {"focus": "2"}).all_of(frames[1:2]), "another model measures anew"


def test_what_the_store_does_not_keep_is_held_until_it_is_dropped(store: Store, tmp_path: Path) -> None:
    """An error that may pass is this run's, not the next one's."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    known = Known(store, {})
    list(known.recall([frame]))
    error = PhotoError(frame.path, "Too slow.", code="timeout")
    assert known.keep(frame, Measurement(error)) is error
    assert [outcome for _, outcome in known.recall([frame])] == [error]
    known.drop(frame)
    assert [outcome for _, outcome in known.recall([frame])] == [None]


def test_dropping_holds_no_old_identity(store: Store, tmp_path: Path) -> None:
    """A frame that is asked for again is looked at again."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    known = Known(store, {})
    before = known.identity(frame)
    frame.path.write_bytes(b"edited")
    assert known.identity(frame) == before
    known.drop(frame)
    assert known.identity(frame) == identify(frame, {}) != before


def test_a_look_that_fails_is_the_photos_error(store: Store, tmp_path: Path) -> None:
    """Where the drive hangs after the measurement, nobody knows of which file it was."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    answers: list[bytes | PhotoError] = [b"1", PhotoError(frame.path, "It hangs.", code="timeout")]

    def look(asked: Frame, versions: Mapping[str, str]) -> bytes | None:
        answer = answers.pop(0)
        if isinstance(answer, PhotoError):
            raise answer
        return answer

    known = Known(store, {}, look)
    assert [outcome for _, outcome in known.recall([frame])] == [None]
    outcome = known.keep(frame, MEASURED)
    assert isinstance(outcome, PhotoError)
    assert outcome.code == "timeout"
    answers.append(outcome)
    known.drop(frame)
    assert [found for _, found in known.recall([frame])] == [None], "a look that fails knows nothing"
