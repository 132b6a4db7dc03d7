"""What a worker does: read a frame, measure it with the ensemble, and keep a thumbnail of it.

The run itself only names this to its workers, so decoders and networks are imported in there.
"""

from __future__ import annotations

from pathlib import Path

from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_pool import Measure
from autocull.read import Frame


def make_measure(models: Path) -> Measure:
    """Make one worker's own: a decode buffer, and the ensemble whose models lie below `models`."""
    from autocull.measure.ensemble import Ensemble
    from autocull.pipeline.thumbnail import make_thumbnail
    from autocull.read import DecodeBuffer, read_frame

    buffer, ensemble = DecodeBuffer(), Ensemble(models)

    def measure(frame: Frame) -> Measurement:
        photo = read_frame(frame, buffer=buffer)
        return Measurement(ensemble.measure(photo), make_thumbnail(photo.working))

    return measure
