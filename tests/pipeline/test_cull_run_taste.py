"""A run with a taste: its probability is in every verdict, and where it acts, it alone rejects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autocull.judge import Settings
from autocull.judge.verdict import Verdict
from autocull.measure.evidence import Evidence
from autocull.pipeline.two_pass import ShootJudge
from autocull.read import Frame
from autocull.taste.heads import Heads
from autocull.taste.profile import Profile
from support.evidence_builders import MODELS, evidence, exposure, focus
from support.taste_factories import FEATURE_COUNT, heads, origin, profile

PHOTOS = {
    "dark": evidence(exposure=exposure(median=0.1)),
    "light": evidence(exposure=exposure(median=0.8)),
    "soft": evidence(focus=focus(0.05), defects={"defocus": 0.95}),
}


def likes_dark(**changes: object) -> Profile:
    """Make a taste that selects what is dark, and nothing else matters."""
    from autocull.taste.features import NAMES

    made = heads(1, 1)
    straight = np.zeros((FEATURE_COUNT, 1), np.float32)
    straight[NAMES.index("median")] = -20
    sober = Heads(
        mean=np.full(FEATURE_COUNT, 0.45, np.float32), scale=np.ones(FEATURE_COUNT, np.float32),
        straight=straight,
        hidden=made.hidden * 0, hidden_bias=made.hidden_bias * 0, out=made.out * 0, bias=made.bias * 0,
    )  # fmt: skip
    return profile(heads=sober, **changes)


def verdicts(taste: Profile | None, photos: dict[str, Evidence], **settings: float) -> dict[str, Verdict]:
    """Judge photos together, each alone in its series."""
    together = ShootJudge(Settings.model_validate(settings), taste)
    for name, seen in photos.items():
        together.add(Frame(Path(name)), seen)
    together.finish()
    counted = list(together.verdicts())
    found = {name: together.judge(Frame(Path(name)), seen)[0] for name, seen in photos.items()}
    assert counted == list(found.values())
    return found


def test_without_a_taste_nothing_is_said() -> None:
    """No probability, and the ensemble's own verdicts."""
    assert {each.select for each in verdicts(None, PHOTOS).values()} == {None}


def test_each_verdict_has_its_probability() -> None:
    """It is that of the profile for the evidence and the place."""
    taste = likes_dark(acts=False)
    for name, verdict in verdicts(taste, PHOTOS).items():
        assert verdict.select == taste.predict(PHOTOS[name], verdict.series, 0.02)


def test_one_that_only_shows_changes_no_answer() -> None:
    """Until it has shown that it is better, it decides nothing."""
    shown, plain = verdicts(likes_dark(acts=False), PHOTOS), verdicts(None, PHOTOS)
    assert [each.answer for each in shown.values()] == [each.answer for each in plain.values()]


def test_one_that_acts_selects_rejects_and_spares() -> None:
    """Dark: selected. Light: rejected for her. Soft, which the ensemble rejects: left to her."""
    found = verdicts(likes_dark(), PHOTOS)
    assert {name: each.answer for name, each in found.items()} == {
        "dark": "keep", "light": "reject", "soft": "cannot_tell",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "name"), [({"select_loss": 0.0}, "light"), ({"select_min": 1.0}, "dark")]
)
def test_both_settings_move_it(settings: dict[str, float], name: str) -> None:
    """What may be lost decides who is rejected, and from where on a photo is picked."""
    before = verdicts(likes_dark(), PHOTOS)[name]
    after = verdicts(likes_dark(), PHOTOS, **settings)[name]
    assert before != after


def test_photos_measured_by_other_networks_are_not_acted_on() -> None:
    """The promise was made for the networks that it learned from."""
    taste = likes_dark(origin=origin(models={**MODELS, "focus": "99"}))
    plain = verdicts(None, PHOTOS)
    assert [each.answer for each in verdicts(taste, PHOTOS).values()] == [
        each.answer for each in plain.values()
    ]
