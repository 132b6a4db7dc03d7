"""Simulated photographers: what they like is learned where there is something to learn, and refused else."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.arrays import Floats
from autocull.learn.training import TrainedTaste, train_taste
from autocull.taste.features import GROUPS, NAMES, extract_features
from support.evidence_builders import evidence, exposure, face, focus
from support.simulated_photographers import PHOTOGRAPHERS, choices, history, shoots_among
from support.taste_factories import fit_least_squares, origin


def pool(count: int = 1500, seed: int = 6) -> tuple[Floats, np.ndarray]:
    """Make photos as varied as a year's: people and none, sharp and soft, dark and light, all looks."""
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
    seen = np.stack(rows)
    looks = rng.standard_normal((count, len(GROUPS["looks"]))).astype(np.float32)
    seen[:, NAMES.index("look_0") : NAMES.index("look_0") + looks.shape[1]] = looks / np.sqrt(looks.shape[1])
    plain = (
        seen[:, NAMES.index("sharp")]
        - seen[:, NAMES.index("has_too_dark")]
        + seen[:, NAMES.index("eyes_worst")]
    )
    return seen, plain.astype(np.float64)


SEEN, PLAIN = pool()
SOURCE = np.arange(len(SEEN)) % 3


def taught(name: str, seed: int = 1) -> TrainedTaste:
    """Let a photographer choose among the pool, and learn from her."""
    return train_taste(
        history(SEEN, PLAIN, SOURCE, PHOTOGRAPHERS[name], size=50, seed=seed),
        name,
        origin(),
        fit_least_squares,
    )


@pytest.mark.parametrize("name", ["portraitist", "event shooter", "low-key artist"])
def test_a_stated_taste_is_learned(name: str) -> None:
    """It beats the plain ensemble on shoots held out, and acts."""
    lesson = taught(name)
    assert lesson.profile.acts, lesson.comparison
    assert lesson.comparison.taste.value > 0.75


def test_the_low_key_artists_dark_pictures_are_kept() -> None:
    """What the plain ensemble would call too dark is what she selects, and the taste knows it."""
    lesson = taught("low-key artist")
    assert lesson.comparison.plain.value < 0.5
    dark = SEEN[:, NAMES.index("median")] < 0.12
    chance = lesson.profile.probabilities(SEEN)
    assert chance[dark].mean() > 3 * chance[~dark].mean()


def test_the_picky_keeper_is_promised_nothing_yet() -> None:
    """Thirty selects cannot carry a promise of 2 %: nothing is rejected, whatever the taste knows."""
    lesson = taught("picky keeper")
    assert 20 <= lesson.examples.selected.sum() <= 45
    assert lesson.profile.harm_bound(0.02).limit == 0
    assert lesson.profile.harm_bound(0.02).effective < 114


def test_who_chooses_by_chance_is_refused() -> None:
    """It never acts for her."""
    assert not any(taught("by chance", seed).profile.acts for seed in range(8))


def test_photographers_choose_by_their_taste_and_about_their_share() -> None:
    """The portraitist's selects have eyes; each selects about what she says, and again the same."""
    shoot = shoots_among(SOURCE, 50, 1)
    for each in PHOTOGRAPHERS.values():
        chosen = choices(SEEN, shoot, each, 1)
        assert chosen.mean() == pytest.approx(each.share, rel=0.35)
        assert np.array_equal(chosen, choices(SEEN, shoot, each, 1))
    people = SEEN[:, NAMES.index("eyes_seen")] == 1
    assert people[choices(SEEN, shoot, PHOTOGRAPHERS["portraitist"], 1)].mean() > 0.9


def test_a_shoot_comes_from_one_source() -> None:
    """Photos are dealt out once, so that what is held out was not seen under another name."""
    shoot = shoots_among(SOURCE, 30, 2)
    assert shoot.shape == SOURCE.shape
    assert all(len(set(SOURCE[shoot == number])) == 1 for number in np.unique(shoot))
    assert 30 <= len(np.unique(shoot)) <= 90
