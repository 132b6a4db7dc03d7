"""What a taste looks at: what the members measured, how the photo looks, and its place in its series.

Never the verdict, nor the score behind it: a taste must not learn from what it is there to correct.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from typing import get_args

import numpy as np

from autocull.arrays import Floats
from autocull.measure.embedding import VECTOR_SIZE, vector_of
from autocull.measure.evidence import Embedding, Evidence, Face
from autocull.series.model import SETS, Kind, SeriesPosition
from autocull.vocabulary import CATEGORIES, DEFECTS

_MIN_PROMINENCE = 0.25
"""Faces less prominent than this are bystanders."""

_KINDS: tuple[Kind, ...] = get_args(Kind)

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "eyes": ("eyes_worst", "eyes_mean", "eyes_seen"),
        "people": ("faces", "face_size", "face_yaw", "face_aside", "face_pitch"),
        "focus": ("sharp", "defocus", "motion", "sharp_share", "texture", "sharp_faces"),
        "light": ("median", "low", "high", "clipped_dark", "clipped_bright"),
        "defects": tuple(f"has_{name}" for name in DEFECTS),
        "category": tuple(f"of_{name}" for name in CATEGORIES),
        "looks": tuple(f"look_{number}" for number in range(VECTOR_SIZE)),
        "series": ("better_there", "rank", "size", *(f"is_{kind}" for kind in _KINDS)),
    }
)
"""The features by what they are about, in the order of the vector."""

NAMES: tuple[str, ...] = tuple(chain.from_iterable(GROUPS.values()))
"""The features by name, in the order of the vector."""


def extract_features(evidence: Evidence, position: SeriesPosition | None) -> Floats:
    """Give what a taste looks at: `(len(NAMES),)` float32; without a place the photo is alone."""
    return np.array(
        [
            *_eyes(evidence),
            *_people(evidence),
            *_focus(evidence),
            *_light(evidence),
            *(_scaled_logit(evidence.defects[name]) for name in DEFECTS),
            *(evidence.category[name] for name in CATEGORIES),
            *_embedding(evidence),
            *_series_position(position),
        ],
        dtype=np.float32,
    )


def with_series_position(features: Floats, position: SeriesPosition | None) -> Floats:
    """Give the features of the same photo at another place in its series."""
    result = features.copy()
    result[-len(GROUPS["series"]) :] = tuple(_series_position(position))
    return result


def mirror_features(evidence: Evidence, embedding: Embedding, position: SeriesPosition | None) -> Floats:
    """Give the features of a photo seen in a mirror, of which `embedding` was measured.

    Faces look to the other side there. What the other members say does not depend on the side.
    """
    result = extract_features(replace(evidence, likeness=embedding), position)
    result[NAMES.index("face_yaw")] *= -1
    return result


def _main_faces(evidence: Evidence) -> list[Face]:
    return [face for face in evidence.faces if face.prominence > _MIN_PROMINENCE]


def _eyes(evidence: Evidence) -> tuple[float, ...]:
    """Open probability (0-1) of the worst and of the mean prominent face, and whether any eyes were seen."""
    openness = [
        (sum(eye.open for eye in face.eyes) / len(face.eyes), face.prominence)
        for face in _main_faces(evidence)
        if face.eyes
    ]
    if not openness:
        return 1.0, 1.0, 0.0
    mean = sum(chance * weight for chance, weight in openness) / sum(weight for _, weight in openness)
    return min(chance for chance, _ in openness), mean, 1.0


def _people(evidence: Evidence) -> tuple[float, ...]:
    """How many prominent faces (logarithm), the largest one's side, and how the foremost is turned."""
    faces = _main_faces(evidence)
    if not faces:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    sides = [abs((face.box.x1 - face.box.x0) * (face.box.y1 - face.box.y0)) ** 0.5 for face in faces]
    first = max(faces, key=lambda face: face.prominence)
    return float(np.log1p(len(faces))), max(sides), first.yaw / 90, abs(first.yaw) / 90, first.pitch / 90


def _focus(evidence: Evidence) -> tuple[float, ...]:
    """The subject's probabilities, the share of the texture that is sharp, the texture, the worst face."""
    focus = evidence.focus
    sharp, texture = list(chain(*focus.tiles)), list(chain(*focus.texture))
    total = sum(texture)
    share = sum(a * b for a, b in zip(sharp, texture, strict=True)) / total if total > 0 else focus.sharp
    worst = min((chance for chance in focus.faces if chance is not None), default=focus.sharp)
    return focus.sharp, focus.defocus, focus.motion, share, max(texture, default=0.0), worst


def _light(evidence: Evidence) -> tuple[float, ...]:
    light = evidence.exposure
    return light.median, light.low, light.high, light.clipped_dark**0.5, light.clipped_bright**0.5


def _embedding(evidence: Evidence) -> Iterable[float]:
    """The vector of what the photo looks like; nothing where it was not compared (in a fixture)."""
    return vector_of(evidence.likeness).tolist() if evidence.likeness.vector else (0.0,) * VECTOR_SIZE


def _series_position(position: SeriesPosition | None) -> tuple[float, ...]:
    """Whether a better frame is there, one over the rank, the size (logarithm), and the kind."""
    kind: Kind = position.kind if position is not None else "single"
    rank, size = (position.rank, position.size) if position is not None else (1, 1)
    has_better = rank > 1 and kind not in SETS
    kinds = (float(kind == each) for each in _KINDS)
    return float(has_better), 1.0 if kind in SETS else 1 / rank, float(np.log(size)), *kinds


def _scaled_logit(chance: float) -> float:
    """Spread a probability (0-1) that mostly lies near an end: its logit within -4 to 4, over 4."""
    bounded = min(max(chance, 0.018), 0.982)
    return float(np.log(bounded / (1 - bounded))) / 4
