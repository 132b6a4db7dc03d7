"""What a worker does: read a frame, measure it with the ensemble, and keep a thumbnail of it.

The run itself only names this to its workers, so decoders and networks are imported in there.
"""

from __future__ import annotations

from pathlib import Path

from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_pool import Measure
from autocull.read import Frame


def ensemble_at(models: Path) -> Measure:
    """Make one worker's own: a decode buffer, and the ensemble whose models lie below `models`."""
    from autocull.measure.ensemble import Ensemble, standard_members
    from autocull.pipeline.thumbnail import thumbnail
    from autocull.read import Arena, read_frame

    arena, ensemble = Arena(), Ensemble(standard_members(models))

    def measure(frame: Frame) -> Measurement:
        photo = read_frame(frame, arena=arena)
        return Measurement(ensemble.measure(photo), thumbnail(photo.working))

    return measure
