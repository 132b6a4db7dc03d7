"""What a taste looks at: each measurement moves something, and the verdict is not among them."""

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


def moved(photo: Evidence, place: SeriesPosition | None = None) -> set[str]:
    """Name the groups in which a photo differs from a plain one that is alone."""
    before, after = extract_features(PLAIN, None), extract_features(photo, place)
    changed = {name for name, a, b in zip(NAMES, before, after, strict=True) if a != b}
    return {group for group, names in GROUPS.items() if changed & set(names)}


@pytest.mark.parametrize(("photo", "groups"), [
    (evidence(focus=focus(0.3)), {"focus"}),
    (evidence(exposure=exposure(median=0.1)), {"light"}),
    (evidence(defects={"noise": 0.8}), {"defects"}),
    (evidence(category={"food": 0.8}), {"category"}),
    (evidence(faces=(face(0.2),)), {"eyes", "people", "category"}),
    (evidence(faces=(face(0.2, prominence=0.1),)), {"category"}),
])  # fmt: skip
def test_each_measurement_moves_its_own_group(photo: Evidence, groups: set[str]) -> None:
    """Eyes, people, focus, light, defects and category; bystanders do not count."""
    assert moved(photo) == groups


@pytest.mark.parametrize("kind", ["duplicate", "burst", "bracket", "focus_stack", "panorama"])
def test_the_place_in_the_series_is_seen(kind: str) -> None:
    """A better sibling is one in a burst, and never in a set, which is kept whole."""
    place = SeriesPosition("0" * 12, kind, 2, 3, BEST)  # type: ignore[arg-type]
    seen = dict(zip(NAMES, extract_features(PLAIN, place), strict=True))
    assert moved(PLAIN, place) == {"series"}
    assert seen["better_there"] == (kind in ("duplicate", "burst"))
    assert seen["rank"] == (0.5 if kind in ("duplicate", "burst") else 1)
    assert seen[f"is_{kind}"] == 1


def test_a_series_of_one_is_a_photo_alone() -> None:
    """Grouped or not, nothing changes for a single photo."""
    assert not moved(PLAIN, SeriesPosition("0" * 12, "single", 1, 1, BEST))


def test_the_worst_face_and_the_mean_of_all_are_seen() -> None:
    """Eyes are told by the face whose eyes are most closed, and by all, the prominent ones more."""
    people = evidence(faces=(face(0.9), face(0.1, prominence=0.5)))
    seen = dict(zip(NAMES, extract_features(people, None), strict=True))
    assert seen["eyes_worst"] == pytest.approx(0.1)
    assert seen["eyes_mean"] == pytest.approx((0.9 + 0.1 * 0.5) / 1.5)


def test_a_mirror_turns_faces_and_what_the_photo_looks_like() -> None:
    """The likeness is that of the mirrored picture, faces look to the other side, and the rest stays."""
    photo = evidence(faces=(face(0.9, yaw=45.0),), likeness=looking(1))
    seen, turned = extract_features(photo, None), mirror_features(photo, looking(2), None)
    differs = {name for name, a, b in zip(NAMES, seen, turned, strict=True) if a != b}
    assert differs > {"face_yaw"}
    assert differs - {"face_yaw"} <= set(GROUPS["looks"])
    assert turned[NAMES.index("face_yaw")] == -0.5


def looking(seed: int) -> Embedding:
    """Make a likeness with some vector."""
    return Embedding(
        "0" * 16, pack(np.random.default_rng(seed).uniform(-1, 1, VECTOR_SIZE).astype(np.float32)), ""
    )


def test_what_a_photo_looks_like_is_seen() -> None:
    """The vector of the likeness, of unit length; nothing where there is none."""
    names = [NAMES.index(name) for name in GROUPS["looks"]]
    assert moved(evidence(likeness=looking(1))) == {"looks"}
    assert np.linalg.norm(extract_features(evidence(likeness=looking(1)), None)[names]) == pytest.approx(
        1, abs=1e-3
    )
    assert not extract_features(evidence(likeness=Embedding()), None)[names].any()


def test_a_place_can_be_given_later() -> None:
    """Looked at once, placed when the series is known: the same as both together."""
    place = SeriesPosition("0" * 12, "burst", 3, 5, BEST)
    assert np.array_equal(
        with_series_position(extract_features(PLAIN, None), place), extract_features(PLAIN, place)
    )


def test_every_feature_is_a_number_of_ordinary_size() -> None:
    """Certainties do not become infinite."""
    sure = evidence(defects={"noise": 1.0, "defocus": 0.0}, faces=(face(0.0),), focus=focus(0.0))
    assert np.isfinite(extract_features(sure, None)).all()
    assert np.abs(extract_features(sure, None)).max() <= 3


def test_each_feature_has_a_name_of_its_own() -> None:
    """The vector is as long as its names, and no two are called the same."""
    assert len(set(NAMES)) == len(NAMES) == len(extract_features(PLAIN, None))
