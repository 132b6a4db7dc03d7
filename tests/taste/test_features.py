"""Features of a taste: each measurement changes its own group, and the verdict is not among them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autocull.measure.embedding import VECTOR_SIZE, pack
from autocull.measure.evidence import Embedding, Evidence
from autocull.series.model import SeriesPosition
from autocull.taste.features import GROUPS, NAMES, extract_features, mirror_features, with_series_position
from support.evidence_builders import evidence, exposure, face, focus

BEST = Path("best.jpg")
PLAIN = evidence()


def changed_groups(photo: Evidence, position: SeriesPosition | None = None) -> set[str]:
    """Return the groups in which a photo differs from a plain one that is alone."""
    before, after = extract_features(PLAIN, None), extract_features(photo, position)
    changed = {name for name, a, b in zip(NAMES, before, after, strict=True) if a != b}
    return {group for group, names in GROUPS.items() if changed & set(names)}


def features_by_name(photo: Evidence, position: SeriesPosition | None = None) -> dict[str, float]:
    """Return the features of a photo by name."""
    return dict(zip(NAMES, extract_features(photo, position).tolist(), strict=True))


def embedding(seed: int) -> Embedding:
    """Make an embedding with a random vector."""
    vector = np.random.default_rng(seed).uniform(-1, 1, VECTOR_SIZE).astype(np.float32)
    return Embedding("0" * 16, pack(vector), "")


@pytest.mark.parametrize(("photo", "groups"), [
    (evidence(focus=focus(0.3)), {"focus"}),
    (evidence(exposure=exposure(median=0.1)), {"light"}),
    (evidence(defects={"noise": 0.8}), {"defects"}),
    (evidence(category={"food": 0.8}), {"category"}),
    (evidence(faces=(face(0.2),)), {"eyes", "people", "category"}),
    (evidence(faces=(face(0.2, prominence=0.1),)), {"category"}),
])  # fmt: skip
def test_each_measurement_changes_its_own_group(photo: Evidence, groups: set[str]) -> None:
    """Eyes, people, focus, light, defects and category; bystanders do not count."""
    assert changed_groups(photo) == groups


@pytest.mark.parametrize("kind", ["duplicate", "burst", "bracket", "focus_stack", "panorama"])
def test_position_in_the_series_is_a_feature(kind: str) -> None:
    """A better frame counts in a burst, and never in a set, which is kept whole."""
    position = SeriesPosition("0" * 12, kind, 2, 3, BEST)  # type: ignore[arg-type]
    features = features_by_name(PLAIN, position)
    assert changed_groups(PLAIN, position) == {"series"}
    assert features["better_there"] == (kind in ("duplicate", "burst"))
    assert features["rank"] == (0.5 if kind in ("duplicate", "burst") else 1)
    assert features[f"is_{kind}"] == 1


def test_series_of_one_is_a_photo_alone() -> None:
    """A single photo has the same features with and without grouping."""
    assert not changed_groups(PLAIN, SeriesPosition("0" * 12, "single", 1, 1, BEST))


def test_eyes_are_those_of_the_worst_face_and_the_mean() -> None:
    """The worst face is the one with the most closed eyes; the mean is weighted by prominence."""
    people = evidence(faces=(face(0.9), face(0.1, prominence=0.5)))
    features = features_by_name(people)
    assert features["eyes_worst"] == pytest.approx(0.1)
    assert features["eyes_mean"] == pytest.approx((0.9 + 0.1 * 0.5) / 1.5)


def test_mirroring_changes_yaw_and_embedding() -> None:
    """The embedding is that of the mirrored picture, the yaw changes its sign, and the rest stays."""
    photo = evidence(faces=(face(0.9, yaw=45.0),), likeness=embedding(1))
    features, mirrored = extract_features(photo, None), mirror_features(photo, embedding(2), None)
    changed = {name for name, a, b in zip(NAMES, features, mirrored, strict=True) if a != b}
    assert changed > {"face_yaw"}
    assert changed - {"face_yaw"} <= set(GROUPS["looks"])
    assert mirrored[NAMES.index("face_yaw")] == -0.5


def test_embedding_is_a_feature() -> None:
    """The vector has unit length; it is zero where there is no embedding."""
    indices = [NAMES.index(name) for name in GROUPS["looks"]]
    photo = evidence(likeness=embedding(1))
    assert changed_groups(photo) == {"looks"}
    assert np.linalg.norm(extract_features(photo, None)[indices]) == pytest.approx(1, abs=1e-3)
    assert not extract_features(evidence(likeness=Embedding()), None)[indices].any()


def test_position_can_be_set_later() -> None:
    """Features extracted before grouping, with the position set afterwards, are the same."""
    position = SeriesPosition("0" * 12, "burst", 3, 5, BEST)
    later = with_series_position(extract_features(PLAIN, None), position)
    assert np.array_equal(later, extract_features(PLAIN, position))


def test_features_are_finite_and_small() -> None:
    """Probabilities of 0 and 1 give finite features."""
    certain = evidence(defects={"noise": 1.0, "defocus": 0.0}, faces=(face(0.0),), focus=focus(0.0))
    assert np.isfinite(extract_features(certain, None)).all()
    assert np.abs(extract_features(certain, None)).max() <= 3


def test_each_feature_has_its_own_name() -> None:
    """There are as many names as features, and no two are equal."""
    assert len(set(NAMES)) == len(NAMES) == len(extract_features(PLAIN, None))
