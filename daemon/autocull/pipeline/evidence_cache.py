"""Evidence of the frames of a run, read from and written to the store by the identity of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from autocull.errors import PhotoError
from autocull.measure import Evidence
from autocull.pipeline.evidence_store import EvidenceStore, Measurement, identify
from autocull.read import Frame

Identify = Callable[[Frame, Mapping[str, str]], bytes | None]
"""Returns a frame's identity, as `evidence_store.identify` does; may raise PhotoError."""


class EvidenceCache:
    """The outcomes of frames under the detectors' `versions`: evidence, or the error that prevented it.

    Identities are computed once, when a frame is first requested. Where a file changes before its measurement
    is stored, the outcome is an error. Outcomes that the store does not keep are held in memory.
    """

    def __init__(
        self, store: EvidenceStore, versions: Mapping[str, str], identify: Identify = identify
    ) -> None:
        self._store = store
        self._versions = versions
        self._identify = identify
        self._identities: dict[Path, bytes] = {}
        self._unstored: dict[Path, Evidence | PhotoError] = {}

    def has_all(self, frames: Iterable[Frame]) -> bool:
        """Return whether the store has an outcome for the present files of each of the frames."""
        frames = list(frames)
        return len(self._store.find_unchanged(self._identify_all(frames))) == len(frames)

    def get(self, frames: Sequence[Frame]) -> Iterator[tuple[Frame, Evidence | PhotoError | None]]:
        """Yield each frame with its outcome, None where it has to be measured."""
        stored = self._store.get(self._identify_all(frames))
        for frame in frames:
            yield frame, self._unstored.get(frame.path) or stored.get(frame.path)

    def put(self, frame: Frame, measurement: Measurement) -> Evidence | PhotoError:
        """Store a measurement, in memory where the store does not keep it, and return its outcome.

        Where the files changed while they were measured, the outcome is an error.
        """
        identity = self._identities.get(frame.path)
        if identity is not None:
            measurement = self._check_unchanged(frame, identity, measurement)
        if identity is None or not self._store.put(frame.path, identity, measurement):
            self._unstored[frame.path] = measurement.outcome
        return measurement.outcome

    def identity(self, frame: Frame) -> bytes | None:
        """Return the frame's identity when it was first requested; None where a file cannot be accessed.

        Raises PhotoError where the cache's `identify` does.
        """
        if frame.path not in self._identities:
            identity = self._identify(frame, self._versions)
            if identity is None:
                return None
            self._identities[frame.path] = identity
        return self._identities[frame.path]

    def discard(self, frame: Frame) -> None:
        """Remove a frame from memory; the store keeps its measurement."""
        self._identities.pop(frame.path, None)
        self._unstored.pop(frame.path, None)

    def _identify_all(self, frames: Iterable[Frame]) -> dict[Path, bytes]:
        """Return the identities by path, without frames that cannot be accessed."""
        return {frame.path: identity for frame in frames if (identity := self._identity_or_none(frame))}

    def _identity_or_none(self, frame: Frame) -> bytes | None:
        try:
            return self.identity(frame)
        except PhotoError:
            return None

    def _check_unchanged(self, frame: Frame, identity: bytes, measurement: Measurement) -> Measurement:
        try:
            same = self._identify(frame, self._versions) == identity
        except PhotoError as error:
            return Measurement(error)
        return measurement if same else Measurement(_change_error(frame))


def _change_error(frame: Frame) -> PhotoError:
    """Return the error of a photo whose files changed since the start of the run."""
    if all(path.exists() for path in frame.files):
        message = "The file changed during the run. Run again when nothing is writing to it."
        return PhotoError(frame.path, message, code="changing")
    message = "The file was moved or deleted during the run."
    return PhotoError(frame.path, message, code="missing")
