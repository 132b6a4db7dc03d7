"""Simulated photographers: a stated taste is learned and acts, random selects give none that acts."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.arrays import Floats
from autocull.learn.training import TrainedTaste, train_taste
from autocull.taste.features import GROUPS, NAMES, extract_features
from support.evidence_builders import evidence, exposure, face, focus
from support.simulated_photographers import PHOTOGRAPHERS, deal_into_shoots, select_photos, simulate_history
from support.taste_factories import fit_least_squares, origin


def make_photo_features(count: int = 1500, seed: int = 6) -> tuple[Floats, np.ndarray]:
    """Return features `(count, d)` of varied photos, and plain scores `(count,)`.

    With and without people, sharp and soft, dark and light, with random embeddings.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        people = rng.random() < 0.5
        sharp, median = float(rng.beta(4, 1)), float(rng.uniform(0.05, 0.7))
        photo = evidence(
            faces=(face(float(rng.beta(4, 1))),) if people else (),
            focus=focus(sharp),
            exposure=exposure(median=median, high=float(rng.uniform(0.3, 1))),
            defects={"too_dark": float(np.clip(1 - 3 * median, 0.02, 0.98)), "defocus": 1 - sharp},
        )
        rows.append(extract_features(photo, None))
    features = np.stack(rows)
    embedding = rng.standard_normal((count, len(GROUPS["looks"]))).astype(np.float32)
    features[:, NAMES.index("look_0") : NAMES.index("look_0") + embedding.shape[1]] = embedding / np.sqrt(
        embedding.shape[1]
    )
    plain = (
        features[:, NAMES.index("sharp")]
        - features[:, NAMES.index("has_too_dark")]
        + features[:, NAMES.index("eyes_worst")]
    )
    return features, plain.astype(np.float64)


FEATURES, PLAIN = make_photo_features()
SOURCE = np.arange(len(FEATURES)) % 3


def train_on(name: str, seed: int = 1) -> TrainedTaste:
    """Simulate a photographer's selects among the photos, and train a taste on them."""
    return train_taste(
        simulate_history(FEATURES, PLAIN, SOURCE, PHOTOGRAPHERS[name], size=50, seed=seed),
        name,
        origin(),
        fit_least_squares,
    )


@pytest.mark.parametrize("name", ["portraitist", "event shooter", "low-key artist"])
def test_stated_taste_is_learned(name: str) -> None:
    """It beats the plain scores on held-out shoots, and acts."""
    trained = train_on(name)
    assert trained.profile.acts, trained.comparison
    assert trained.comparison.taste.value > 0.75


def test_dark_photos_of_the_low_key_artist_are_likely_selects() -> None:
    """The plain scores rank them low; the taste ranks them high."""
    trained = train_on("low-key artist")
    assert trained.comparison.plain.value < 0.5
    dark = FEATURES[:, NAMES.index("median")] < 0.12
    probability = trained.profile.probabilities(FEATURES)
    assert probability[dark].mean() > 3 * probability[~dark].mean()


def test_few_selects_give_no_harm_bound() -> None:
    """Thirty selects are too few to bound the loss at 2 %: nothing is rejected."""
    trained = train_on("picky keeper")
    assert 20 <= trained.examples.selected.sum() <= 45
    assert trained.profile.harm_bound(0.02).limit == 0
    assert trained.profile.harm_bound(0.02).effective < 114


def test_taste_of_random_selects_does_not_act() -> None:
    """With none of eight seeds."""
    assert not any(train_on("by chance", seed).profile.acts for seed in range(8))


def test_simulated_selects_follow_taste_and_share() -> None:
    """The portraitist's selects have eyes; each photographer selects about the stated share, reproducibly."""
    shoot = deal_into_shoots(SOURCE, 50, 1)
    for each in PHOTOGRAPHERS.values():
        selected = select_photos(FEATURES, shoot, each, 1)
        assert selected.mean() == pytest.approx(each.share, rel=0.35)
        assert np.array_equal(selected, select_photos(FEATURES, shoot, each, 1))
    people = FEATURES[:, NAMES.index("eyes_seen")] == 1
    assert people[select_photos(FEATURES, shoot, PHOTOGRAPHERS["portraitist"], 1)].mean() > 0.9


def test_simulated_shoot_has_one_source() -> None:
    """So that the photos of a held-out shoot are not in the training set as another shoot."""
    shoot = deal_into_shoots(SOURCE, 30, 2)
    assert shoot.shape == SOURCE.shape
    assert all(len(set(SOURCE[shoot == number])) == 1 for number in np.unique(shoot))
    assert 30 <= len(np.unique(shoot)) <= 90
