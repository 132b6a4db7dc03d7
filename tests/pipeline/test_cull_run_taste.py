"""Tests of judging with a taste: each verdict has its probability, and where it acts it decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.judge import Settings
from autocull.judge.verdict import Verdict
from autocull.measure.evidence import Evidence
from autocull.pipeline.two_pass import ShootJudge
from autocull.read import Frame
from autocull.taste.profile import Profile
from support.evidence_builders import MODELS, evidence, exposure, focus
from support.taste_factories import make_dark_taste, origin

PHOTOS = {
    "dark": evidence(exposure=exposure(median=0.1)),
    "light": evidence(exposure=exposure(median=0.8)),
    "soft": evidence(focus=focus(0.05), defects={"defocus": 0.95}),
}


def verdicts(taste: Profile | None, photos: dict[str, Evidence], **settings: float) -> dict[str, Verdict]:
    """Judge photos, each in a series of its own."""
    shoot_judge = ShootJudge(Settings.model_validate(settings), taste)
    for name, photo_evidence in photos.items():
        shoot_judge.add(Frame(Path(name)), photo_evidence)
    shoot_judge.finish()
    counted = list(shoot_judge.verdicts())
    final = {
        name: shoot_judge.judge(Frame(Path(name)), photo_evidence)[0]
        for name, photo_evidence in photos.items()
    }
    assert counted == list(final.values())
    return final


def test_no_taste_leaves_no_probability() -> None:
    """Verdicts without a taste have no probability."""
    assert {each.select for each in verdicts(None, PHOTOS).values()} == {None}


def test_each_verdict_has_its_probability() -> None:
    """It is that of the profile for the evidence and the position."""
    taste = make_dark_taste(acts=False)
    for name, verdict in verdicts(taste, PHOTOS).items():
        assert verdict.select == taste.predict(PHOTOS[name], verdict.series, 0.02)


def test_taste_that_does_not_act_changes_no_answer() -> None:
    """Until it is reliably better, it decides nothing."""
    shown, plain = verdicts(make_dark_taste(acts=False), PHOTOS), verdicts(None, PHOTOS)
    assert [each.answer for each in shown.values()] == [each.answer for each in plain.values()]


def test_taste_that_acts_selects_and_rejects() -> None:
    """Dark is selected, light is rejected; soft, which the ensemble rejects, is left to the photographer."""
    final = verdicts(make_dark_taste(), PHOTOS)
    assert {name: each.answer for name, each in final.items()} == {
        "dark": "keep", "light": "reject", "soft": "cannot_tell",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "name"), [({"select_loss": 0.0}, "light"), ({"select_min": 1.0}, "dark")]
)
def test_both_settings_have_an_effect(settings: dict[str, float], name: str) -> None:
    """`select_loss` decides what is rejected, `select_min` from where on a photo is picked."""
    before = verdicts(make_dark_taste(), PHOTOS)[name]
    after = verdicts(make_dark_taste(), PHOTOS, **settings)[name]
    assert before != after


def test_photos_of_other_networks_are_not_decided() -> None:
    """The harm bound holds for the networks that the taste was learned with."""
    taste = make_dark_taste(origin=origin(models={**MODELS, "focus": "99"}))
    plain = verdicts(None, PHOTOS)
    assert [each.answer for each in verdicts(taste, PHOTOS).values()] == [
        each.answer for each in plain.values()
    ]
