"""Evidence of the frames of a run, read from and written to the store by the identity of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from autocull.errors import PhotoError
from autocull.measure import Evidence
from autocull.pipeline.evidence_store import EvidenceStore, Measurement, identify
from autocull.read import Frame

Identify = Callable[[Frame, Mapping[str, str]], bytes | None]
"""Returns a frame's identity, as `evidence_store.identify` does; may raise PhotoError."""

Fingerprint = Callable[[Frame], bytes | None]
"""Returns a frame's fingerprint, as `read.fingerprint_frame` does; may raise PhotoError."""


def _fingerprint_frame(frame: Frame) -> bytes | None:
    from autocull.read import fingerprint_frame  # not needed where no file has changed

    return fingerprint_frame(frame)


class EvidenceCache:
    """The outcomes of frames under the detectors' `versions`: evidence, or the error that prevented it.

    Identities are computed once, when a frame is first requested. Where a picture changes before its
    measurement is stored, the outcome is an error. Where only metadata were written into a file, its evidence
    stays valid: then `fingerprint` returns the stored one. Outcomes that the store does not keep are held in
    memory.
    """

    def __init__(
        self,
        store: EvidenceStore,
        versions: Mapping[str, str],
        identify: Identify = identify,
        fingerprint: Fingerprint = _fingerprint_frame,
    ) -> None:
        self._store = store
        self._versions = versions
        self._identify = identify
        self._fingerprint = fingerprint
        self._identities: dict[Path, bytes] = {}
        self._unstored: dict[Path, Evidence | PhotoError] = {}

    def has_all(self, frames: Iterable[Frame]) -> bool:
        """Return whether the store has an outcome for the present files of each of the frames."""
        frames = list(frames)
        identities = self._identify_all(frames)
        unchanged = self._store.find_unchanged(identities)
        changed = [frame for frame in frames if frame.path not in unchanged]
        return len(unchanged) + len(self._renew(changed, identities)) == len(frames)

    def get(self, frames: Sequence[Frame]) -> Iterator[tuple[Frame, Evidence | PhotoError | None]]:
        """Yield each frame with its outcome, None where it has to be measured."""
        identities = self._identify_all(frames)
        stored = self._store.get(identities)
        missing = [frame for frame in frames if frame.path not in stored | self._unstored]
        stored |= self._store.get(self._renew(missing, identities))
        for frame in frames:
            yield frame, self._unstored.get(frame.path) or stored.get(frame.path)

    def put(self, frame: Frame, measurement: Measurement) -> Evidence | PhotoError:
        """Store a measurement, in memory where the store does not keep it, and return its outcome.

        Where the files changed while they were measured, the outcome is an error.
        """
        if frame.path in self._identities:
            measurement = self._check_unchanged(frame, measurement)
        identity = self._identities.get(frame.path)
        stored = replace(measurement, fingerprint=self._bind(measurement.fingerprint))
        if identity is None or not self._store.put(frame.path, identity, stored):
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

    def is_unchanged(self, frame: Frame) -> bool:
        """Return whether the frame has the identity that it had when it was first requested."""
        identity = self._identities.get(frame.path)
        try:
            return identity is not None and self._identify(frame, self._versions) == identity
        except PhotoError:
            return False

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

    def _check_unchanged(self, frame: Frame, measurement: Measurement) -> Measurement:
        """Return the measurement, or the error if the frame's pictures changed since it was requested."""
        try:
            identity = self._identify(frame, self._versions)
            if identity == self._identities[frame.path]:
                return measurement
            is_same_picture = (
                identity is not None
                and measurement.fingerprint is not None
                and self._fingerprint(frame) == measurement.fingerprint
            )
        except PhotoError as error:
            return Measurement(error)
        if identity is None or not is_same_picture:
            return Measurement(_change_error(frame))
        self._identities[frame.path] = identity
        return measurement

    def _renew(self, frames: Sequence[Frame], identities: Mapping[Path, bytes]) -> dict[Path, bytes]:
        """Return the identities of those frames whose stored evidence stays valid: only metadata changed."""
        fingerprints = self._store.fingerprints(frame.path for frame in frames if frame.path in identities)
        renewed: dict[Path, bytes] = {}
        for frame in frames:
            stored = fingerprints.get(frame.path)
            if stored is not None and self._bind(self._fingerprint_or_none(frame)) == stored:
                renewed[frame.path] = identities[frame.path]
                self._store.renew(frame.path, identities[frame.path])
        return renewed

    def _fingerprint_or_none(self, frame: Frame) -> bytes | None:
        try:
            return self._fingerprint(frame)
        except PhotoError:
            return None

    def _bind(self, fingerprint: bytes | None) -> bytes | None:
        """Return the digest of a fingerprint and the detectors' versions; None without a fingerprint."""
        if fingerprint is None:
            return None
        return blake2b(repr(sorted(self._versions.items())).encode() + fingerprint, digest_size=16).digest()


def _change_error(frame: Frame) -> PhotoError:
    """Return the error of a photo whose files changed since the start of the run."""
    if all(path.exists() for path in frame.files):
        message = "The file changed during the run. Run again when nothing is writing to it."
        return PhotoError(frame.path, message, code="changing")
    message = "The file was moved or deleted during the run."
    return PhotoError(frame.path, message, code="missing")
