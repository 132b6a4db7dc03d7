"""Tests of the cache: identities are computed once, and changed files have no verdict."""

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
    """Open a store that must not warn."""
    with closing(EvidenceStore(tmp_path / "store.sqlite", pytest.fail)) as opened:
        yield opened


def test_stored_outcomes_are_returned_in_order(store: EvidenceStore, tmp_path: Path) -> None:
    """Also by another run; frames that were not measured have None."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    cache = EvidenceCache(store, {})
    assert [outcome for _, outcome in cache.get(frames)] == [None] * 3
    cache.put(frames[1], MEASURED)
    for each in (cache, EvidenceCache(store, {})):
        assert list(each.get(frames)) == [
            (frames[0], None),
            (frames[1], fakes.evidence()),
            (frames[2], None),
        ]
        assert each.has_all(frames[1:2])
        assert not each.has_all(frames)
    assert not EvidenceCache(store, {"focus": "2"}).has_all(frames[1:2]), (
        "another model version is another identity"
    )


def test_unstored_outcome_is_held_until_discarded(store: EvidenceStore, tmp_path: Path) -> None:
    """An error that may not occur again is this run's, not the next one's."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    cache = EvidenceCache(store, {})
    list(cache.get([frame]))
    error = PhotoError(frame.path, "Too slow.", code="timeout")
    assert cache.put(frame, Measurement(error)) is error
    assert [outcome for _, outcome in cache.get([frame])] == [error]
    cache.discard(frame)
    assert [outcome for _, outcome in cache.get([frame])] == [None]


def test_discarded_frame_has_a_new_identity(store: EvidenceStore, tmp_path: Path) -> None:
    """A frame that is requested again is identified again."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    cache = EvidenceCache(store, {})
    before = cache.identity(frame)
    frame.path.write_bytes(b"edited")
    assert cache.identity(frame) == before
    cache.discard(frame)
    assert cache.identity(frame) == identify(frame, {}) != before


def test_failed_identification_is_the_photos_error(store: EvidenceStore, tmp_path: Path) -> None:
    """Where the drive hangs after the measurement, it is unknown which file was measured."""
    [frame] = fakes.frames_in(tmp_path, "a.jpg")
    identities: list[bytes | PhotoError] = [b"1", PhotoError(frame.path, "It hangs.", code="timeout")]

    def identify_or_fail(_: Frame, __: Mapping[str, str]) -> bytes | None:
        identity = identities.pop(0)
        if isinstance(identity, PhotoError):
            raise identity
        return identity

    cache = EvidenceCache(store, {}, identify_or_fail)
    assert [outcome for _, outcome in cache.get([frame])] == [None]
    outcome = cache.put(frame, MEASURED)
    assert isinstance(outcome, PhotoError)
    assert outcome.code == "timeout"
    identities.append(outcome)
    cache.discard(frame)
    assert [outcome for _, outcome in cache.get([frame])] == [None], "a failed identification has no outcome"
