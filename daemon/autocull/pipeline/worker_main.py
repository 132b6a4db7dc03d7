"""The work of a worker process: read a frame, measure it with the ensemble, and make a thumbnail.

Decoders and networks are imported in the worker only; the run itself does not need them.
"""

from __future__ import annotations

from pathlib import Path

from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_process import Measure
from autocull.read import Frame


def make_measure(models: Path) -> Measure:
    """Return the `Measure` of one worker, with a decode buffer and the ensemble of the models in `models`."""
    from autocull.measure import Ensemble
    from autocull.pipeline.thumbnail import make_thumbnail
    from autocull.read import DecodeBuffer, read_frame

    buffer, ensemble = DecodeBuffer(), Ensemble(models)

    def measure(frame: Frame) -> Measurement:
        photo = read_frame(frame, buffer=buffer)
        return Measurement(ensemble.measure(photo), make_thumbnail(photo.working))

    return measure
