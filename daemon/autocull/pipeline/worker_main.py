"""The work of a worker process: read a frame, measure it with the ensemble, and make a thumbnail.

Decoders and networks are imported in the worker only; the run itself does not need them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autocull.errors import PhotoError
from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_process import Measure
from autocull.read import Frame

if TYPE_CHECKING:
    from autocull.read import DecodeBuffer, Photo


def make_measure(models: Path) -> Measure:
    """Return the `Measure` of one worker, with a decode buffer and the ensemble of the models in `models`."""
    from autocull.measure import Ensemble
    from autocull.pipeline.thumbnail import make_thumbnail
    from autocull.read import DecodeBuffer, fingerprint_frame

    buffer, ensemble = DecodeBuffer(), Ensemble(models)

    def measure(frame: Frame) -> Measurement:
        fingerprint = fingerprint_frame(frame)
        photo = _read_steady(frame, buffer, fingerprint)
        return Measurement(ensemble.measure(photo), make_thumbnail(photo.working), fingerprint)

    return measure


def _read_steady(frame: Frame, buffer: DecodeBuffer, fingerprint: bytes | None) -> Photo:
    """Read a frame; again, where another program wrote metadata into one of its files at this moment."""
    from autocull.read import fingerprint_frame, read_frame

    try:
        return read_frame(frame, buffer=buffer)
    except PhotoError as error:
        is_same_picture = fingerprint is not None and fingerprint_frame(frame) == fingerprint
        if error.code != "changing" or not is_same_picture:
            raise
    return read_frame(frame, buffer=buffer)
