"""Features of a photo for a taste: the detectors' measurements, the embedding, the position in its series.

Never the verdict, nor the score behind it: a taste must not learn from what it corrects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from typing import get_args

import numpy as np

from autocull.arrays import Floats
from autocull.measure import VECTOR_SIZE, Embedding, Evidence, Face, vector_of
from autocull.series import SETS, Kind, SeriesPosition
from autocull.vocabulary import CATEGORIES, DEFECTS

_MIN_PROMINENCE = 0.25
"""Prominence (0-1) up to which a face is a bystander's."""

_MIN_PROBABILITY = 0.018
"""Probability (0-1) at which logits are cut off, and one minus it: their logits are about -4 and 4."""

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
"""Names of the features by subject, in the order of the vector."""

NAMES: tuple[str, ...] = tuple(chain.from_iterable(GROUPS.values()))
"""Names of the features, in the order of the vector."""


def extract_features(evidence: Evidence, position: SeriesPosition | None) -> Floats:
    """Return the features of a photo: `(len(NAMES),)` float32; without a position the photo is alone."""
    return np.array(
        [
            *_eye_features(evidence),
            *_people_features(evidence),
            *_focus_features(evidence),
            *_light_features(evidence),
            *(_scaled_logit(evidence.defects[name]) for name in DEFECTS),
            *(evidence.category[name] for name in CATEGORIES),
            *_embedding_features(evidence),
            *_series_features(position),
        ],
        dtype=np.float32,
    )


def with_series_position(features: Floats, position: SeriesPosition | None) -> Floats:
    """Return the features of the same photo at another position in its series."""
    result = features.copy()
    result[-len(GROUPS["series"]) :] = tuple(_series_features(position))
    return result


def mirror_features(evidence: Evidence, embedding: Embedding, position: SeriesPosition | None) -> Floats:
    """Return the features of the mirrored photo, whose `embedding` was measured.

    The yaw of faces changes its sign. The other measurements do not depend on the side.
    """
    result = extract_features(replace(evidence, likeness=embedding), position)
    result[NAMES.index("face_yaw")] *= -1
    return result


def _prominent_faces(evidence: Evidence) -> list[Face]:
    return [face for face in evidence.faces if face.prominence > _MIN_PROMINENCE]


def _eye_features(evidence: Evidence) -> tuple[float, ...]:
    """Return P(open) of the worst and of the mean prominent face, and whether any eyes were measured."""
    openness = [
        (sum(eye.open for eye in face.eyes) / len(face.eyes), face.prominence)
        for face in _prominent_faces(evidence)
        if face.eyes
    ]
    if not openness:
        return 1.0, 1.0, 0.0
    mean = sum(p_open * weight for p_open, weight in openness) / sum(weight for _, weight in openness)
    return min(p_open for p_open, _ in openness), mean, 1.0


def _people_features(evidence: Evidence) -> tuple[float, ...]:
    """Return the logarithm of 1 + prominent faces, the largest one's side, and the foremost one's angles."""
    faces = _prominent_faces(evidence)
    if not faces:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    sides = [abs((face.box.x1 - face.box.x0) * (face.box.y1 - face.box.y0)) ** 0.5 for face in faces]
    foremost = max(faces, key=lambda face: face.prominence)
    return (
        float(np.log1p(len(faces))),
        max(sides),
        foremost.yaw / 90,
        abs(foremost.yaw) / 90,
        foremost.pitch / 90,
    )


def _focus_features(evidence: Evidence) -> tuple[float, ...]:
    """Return the subject's probabilities, the sharp share of the texture, the texture, the worst face."""
    focus = evidence.focus
    sharp, texture = list(chain(*focus.tiles)), list(chain(*focus.texture))
    total = sum(texture)
    share = sum(a * b for a, b in zip(sharp, texture, strict=True)) / total if total > 0 else focus.sharp
    worst = min((p_sharp for p_sharp in focus.faces if p_sharp is not None), default=focus.sharp)
    return focus.sharp, focus.defocus, focus.motion, share, max(texture, default=0.0), worst


def _light_features(evidence: Evidence) -> tuple[float, ...]:
    light = evidence.exposure
    return light.median, light.low, light.high, light.clipped_dark**0.5, light.clipped_bright**0.5


def _embedding_features(evidence: Evidence) -> Iterable[float]:
    """Return the embedding; zeros where there is none (in a fixture)."""
    return vector_of(evidence.likeness).tolist() if evidence.likeness.vector else (0.0,) * VECTOR_SIZE


def _series_features(position: SeriesPosition | None) -> tuple[float, ...]:
    """Return whether there is a better frame, one over the rank, the logarithm of the size, and the kind."""
    kind: Kind = position.kind if position is not None else "single"
    rank, size = (position.rank, position.size) if position is not None else (1, 1)
    has_better = rank > 1 and kind not in SETS
    kinds = (float(kind == each) for each in _KINDS)
    return float(has_better), 1.0 if kind in SETS else 1 / rank, float(np.log(size)), *kinds


def _scaled_logit(probability: float) -> float:
    """Return the logit of a probability, within -4 to 4, over 4: most probabilities are close to 0 or 1."""
    bounded = min(max(probability, _MIN_PROBABILITY), 1 - _MIN_PROBABILITY)
    return float(np.log(bounded / (1 - bounded))) / 4
