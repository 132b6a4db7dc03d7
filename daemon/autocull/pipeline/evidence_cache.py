"""What is known of frames: looked up in the store, and kept there as it is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from autocull.errors import PhotoError
from autocull.measure.evidence import Evidence
from autocull.pipeline.evidence_store import EvidenceStore, Measurement, identify
from autocull.read import Frame

Identify = Callable[[Frame, Mapping[str, str]], bytes | None]
"""Digests what decides a frame's measurement, as `evidence_store.identify` does; may raise PhotoError."""


class EvidenceCache:
    """The outcomes of frames under the ensemble's `versions`: evidence, or the error that says why none.

    Identities are taken once, when a frame is first asked for; a file that changes until its measurement is
    kept has no verdict. What the store does not keep is held here.
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
        """Whether each of the frames was measured as it is now."""
        frames = list(frames)
        return len(self._store.find_unchanged(self._identify_all(frames))) == len(frames)

    def get(self, frames: Sequence[Frame]) -> Iterator[tuple[Frame, Evidence | PhotoError | None]]:
        """Yield each frame with what is known of it, None where it has to be measured."""
        stored = self._store.get(self._identify_all(frames))
        for frame in frames:
            yield frame, self._unstored.get(frame.path) or stored.get(frame.path)

    def put(self, frame: Frame, measurement: Measurement) -> Evidence | PhotoError:
        """Keep a measurement, in the store or else here, unless the files changed while it was made."""
        identity = self._identities.get(frame.path)
        if identity is not None:
            measurement = self._check_unchanged(frame, identity, measurement)
        if identity is None or not self._store.put(frame.path, identity, measurement):
            self._unstored[frame.path] = measurement.outcome
        return measurement.outcome

    def identity(self, frame: Frame) -> bytes | None:
        """Return the frame's identity as it was when first asked for; None where it cannot be looked at.

        Raises PhotoError where `identify` does.
        """
        if frame.path not in self._identities:
            identity = self._identify(frame, self._versions)
            if identity is None:
                return None
            self._identities[frame.path] = identity
        return self._identities[frame.path]

    def discard(self, frame: Frame) -> None:
        """Hold nothing of a frame here any longer; what the store keeps stays."""
        self._identities.pop(frame.path, None)
        self._unstored.pop(frame.path, None)

    def _identify_all(self, frames: Iterable[Frame]) -> dict[Path, bytes]:
        """Map each frame that can be looked at to its identity."""
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
    """Say why a photo that is another file now than at the run's start has no verdict."""
    if all(path.exists() for path in frame.files):
        message = "The file changed during the run. Run again when nothing is writing to it."
        return PhotoError(frame.path, message, code="changing")
    message = "The file was moved or deleted during the run."
    return PhotoError(frame.path, message, code="missing")
