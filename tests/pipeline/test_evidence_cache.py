"""What is known of frames: looked up once, kept once, and never of a file that changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.evidence_cache import EvidenceCache
from autocull.pipeline.evidence_store import EvidenceStore, Measurement, identify
from autocull.read import Frame
from support import cull_run_fakes as fakes

MEASURED = Measurement(fakes.evidence())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EvidenceStore]:
    """Open a store that must not complain."""
    with closing(EvidenceStore(tmp_path / "store.sqlite", pytest.fail)) as opened:
        yield opened


def test_what_was_kept_is_recalled_in_order(store: EvidenceStore, tmp_path: Path) -> None:
    """Also by another run; what was not is None."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    known = EvidenceCache(store, {})
    assert [outcome for _, outcome in known.get(frames)] == [None] * 3
    known.put(frames[1], MEASURED)
    for each in (known, EvidenceCache(store, {})):
        assert list(each.get(frames)) == [
            (frames[0], None),
            (frames[1], fakes.evidence()),
            (frames[2], None),
        ]
        assert each.has_all(frames[1:2])
        assert not each.has_all(frames)
    assert not EvidenceCache(store, {"focus": "2"}).has_all(frames[1:2]), "another model measures anew"


def test_what_the_store_does_not_keep_is_held_until_it_is_dropped(
    store: EvidenceStore, tmp_path: Path
) -> None:
    """An error that may pass is this run's, not the next one's."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    known = EvidenceCache(store, {})
    list(known.get([frame]))
    error = PhotoError(frame.path, "Too slow.", code="timeout")
    assert known.put(frame, Measurement(error)) is error
    assert [outcome for _, outcome in known.get([frame])] == [error]
    known.discard(frame)
    assert [outcome for _, outcome in known.get([frame])] == [None]


def test_dropping_holds_no_old_identity(store: EvidenceStore, tmp_path: Path) -> None:
    """A frame that is asked for again is looked at again."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    known = EvidenceCache(store, {})
    before = known.identity(frame)
    frame.path.write_bytes(b"edited")
    assert known.identity(frame) == before
    known.discard(frame)
    assert known.identity(frame) == identify(frame, {}) != before


def test_a_look_that_fails_is_the_photos_error(store: EvidenceStore, tmp_path: Path) -> None:
    """Where the drive hangs after the measurement, nobody knows of which file it was."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    answers: list[bytes | PhotoError] = [b"1", PhotoError(frame.path, "It hangs.", code="timeout")]

    def look(asked: Frame, versions: Mapping[str, str]) -> bytes | None:
        answer = answers.pop(0)
        if isinstance(answer, PhotoError):
            raise answer
        return answer

    known = EvidenceCache(store, {}, look)
    assert [outcome for _, outcome in known.get([frame])] == [None]
    outcome = known.put(frame, MEASURED)
    assert isinstance(outcome, PhotoError)
    assert outcome.code == "timeout"
    answers.append(outcome)
    known.discard(frame)
    assert [found for _, found in known.get([frame])] == [None], "a look that fails knows nothing"
