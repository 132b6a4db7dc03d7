"""Tests of the cache: identities are computed once, and changed files have no verdict."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.evidence_cache import EvidenceCache
from autocull.pipeline.evidence_store import EvidenceStore, Measurement, identify
from autocull.read import Frame, fingerprint_frame
from support import cull_run_fakes as fakes
from support.metadata_writers import make_jpeg, write_rating

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


def jpeg_frames(folder: Path, *names: str) -> list[Frame]:
    """Write small JPEG files, each of another picture."""
    frames = [Frame(folder / name) for name in names]
    for seed, frame in enumerate(frames):
        frame.path.write_bytes(make_jpeg(seed))
    return frames


def measured(frame: Frame) -> Measurement:
    """Return a measurement as a worker makes it."""
    return Measurement(fakes.evidence(), fakes.JPEG, fingerprint_frame(frame))


def outcomes_of(cache: EvidenceCache, frames: list[Frame]) -> list[bool]:
    """Return whether each frame has an outcome."""
    return [outcome is not None for _, outcome in cache.get(frames)]


class TestMetadataWrittenIntoFiles:
    """A host that writes marks into photo files changes their size and time, not what was measured."""

    def test_evidence_stays_valid(self, store: EvidenceStore, tmp_path: Path) -> None:
        """In the same run and in the next; a picture that was edited is measured again."""
        frames = jpeg_frames(tmp_path, "a.jpg", "b.jpg")
        cache = EvidenceCache(store, {})
        list(cache.get(frames))
        for frame in frames:
            cache.put(frame, measured(frame))
            cache.discard(frame)
        write_rating(frames[0].path, 3)
        frames[1].path.write_bytes(make_jpeg(7))
        assert outcomes_of(cache, frames) == [True, False]
        assert EvidenceCache(store, {}).has_all(frames[:1])
        assert not EvidenceCache(store, {}).has_all(frames)
        assert outcomes_of(EvidenceCache(store, {}), frames) == [True, False]
        assert store.thumbnail(frames[0].path) == fakes.JPEG

    def test_fingerprint_is_computed_once_per_change(self, store: EvidenceStore, tmp_path: Path) -> None:
        """Not for files whose size and time are the same, and not for those that were never measured."""
        [frame, new] = jpeg_frames(tmp_path, "a.jpg", "b.jpg")
        computed: list[Path] = []

        def fingerprint(requested: Frame) -> bytes | None:
            computed.append(requested.path)
            return fingerprint_frame(requested)

        def open_cache() -> EvidenceCache:
            return EvidenceCache(store, {}, fingerprint=fingerprint)

        cache = open_cache()
        list(cache.get([frame]))
        cache.put(frame, measured(frame))
        assert outcomes_of(open_cache(), [frame, new]) == [True, False]
        assert computed == []
        write_rating(frame.path, 3)
        assert outcomes_of(open_cache(), [frame, new]) == [True, False]
        assert outcomes_of(open_cache(), [frame]) == [True]
        assert computed == [frame.path]

    def test_evidence_of_other_networks_stays_invalid(self, store: EvidenceStore, tmp_path: Path) -> None:
        """The same picture is measured again by a new version."""
        [frame] = jpeg_frames(tmp_path, "a.jpg")
        cache = EvidenceCache(store, {"focus": "1"})
        list(cache.get([frame]))
        cache.put(frame, measured(frame))
        assert outcomes_of(EvidenceCache(store, {"focus": "2"}), [frame]) == [False]
        write_rating(frame.path, 1)
        assert outcomes_of(EvidenceCache(store, {"focus": "2"}), [frame]) == [False]
        assert outcomes_of(EvidenceCache(store, {"focus": "1"}), [frame]) == [True]

    def test_metadata_written_while_it_is_measured(self, store: EvidenceStore, tmp_path: Path) -> None:
        """The measurement is stored; one of a picture that was replaced meanwhile is not."""
        frames = jpeg_frames(tmp_path, "a.jpg", "b.jpg")
        cache = EvidenceCache(store, {})
        list(cache.get(frames))
        measurements = [measured(frame) for frame in frames]
        write_rating(frames[0].path, 3)
        frames[1].path.write_bytes(make_jpeg(7))
        outcomes = [cache.put(frame, each) for frame, each in zip(frames, measurements, strict=True)]
        assert outcomes[0] == fakes.evidence()
        assert isinstance(outcomes[1], PhotoError)
        assert outcomes[1].code == "changing"
        assert outcomes_of(EvidenceCache(store, {}), frames) == [True, False]

    def test_stores_of_the_last_release_stay_usable(self, tmp_path: Path) -> None:
        """They have no fingerprints: unchanged photos are valid, changed ones are measured again."""
        file, [frame] = tmp_path / "store.sqlite", jpeg_frames(tmp_path, "a.jpg")
        with closing(EvidenceStore(file, pytest.fail)) as store:
            identity = identify(frame, {})
            assert identity is not None
            store.put(frame.path, identity, measured(frame))
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("DROP TABLE fingerprints")
        with closing(EvidenceStore(file, pytest.fail)) as store:
            assert outcomes_of(EvidenceCache(store, {}), [frame]) == [True]
            write_rating(frame.path, 1)
            assert outcomes_of(EvidenceCache(store, {}), [frame]) == [False]

    def test_drive_that_hangs_is_no_match(self, store: EvidenceStore, tmp_path: Path) -> None:
        """The error of the fingerprint is not raised: the photo is measured, which reports it."""
        [frame] = jpeg_frames(tmp_path, "a.jpg")

        def fail(requested: Frame) -> bytes | None:
            raise PhotoError(requested.path, "Its drive did not answer.", code="timeout")

        cache = EvidenceCache(store, {}, fingerprint=fail)
        list(cache.get([frame]))
        cache.put(frame, measured(frame))
        write_rating(frame.path, 1)
        assert outcomes_of(EvidenceCache(store, {}, fingerprint=fail), [frame]) == [False]
