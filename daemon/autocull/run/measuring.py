"""What a worker does: read a frame, measure it with the ensemble, and keep a thumbnail of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from autocull.marks.thumbnail import thumbnail
from autocull.measure.ensemble import Ensemble, standard_members
from autocull.read import Arena, Frame, read_frame
from autocull.run.store import Measurement
from autocull.run.workers import Measure


def ensemble_at(models: Path) -> Measure:
    """Make one worker's own: a decode buffer, and the ensemble whose models lie below `models`."""
    return partial(_measure, Arena(), Ensemble(standard_members(models)))


def _measure(arena: Arena, ensemble: Ensemble, frame: Frame) -> Measurement:
    photo = read_frame(frame, arena=arena)
    return Measurement(ensemble.measure(photo), thumbnail(photo.working))
