"""Profiles: which faults reject in which profile, photo by photo."""

from __future__ import annotations

import pytest

from autocull.judge import PROFILES, judge
from autocull.measure.evidence import Evidence
from support.evidence_builders import evidence, exposure, face, focus

BLURRED = {"defocus": 0.9, "motion_blur": 0.9}
SHARP, SOFT = ((0.9,) * 4,) * 3, ((0.1,) * 4,) * 3
PHOTOS: dict[str, Evidence] = {
    "good": evidence(faces=(face(),)),
    "no people": evidence(),
    "closed eyes": evidence(faces=(face(0.03),)),
    "nearly closed eyes": evidence(faces=(face(0.17),)),
    "blink in a group": evidence(
        faces=(face(), face(prominence=0.8), face(prominence=0.8), face(0.03, prominence=0.8))
    ),
    "soft eyes, soft background": evidence(faces=(face(),), focus=focus(0.05), defects=BLURRED),
    "soft eyes, sharp background": evidence(faces=(face(),), focus=focus(0.05, tiles=SHARP)),
    "sharp eyes, soft background": evidence(faces=(face(),), focus=focus(tiles=SOFT), defects=BLURRED),
    "moving subject": evidence(focus=focus(0.05, 0.9, found_by="region"), defects=BLURRED),
    "panning": evidence(focus=focus(0.9, 0.1, tiles=SOFT), defects={"motion_blur": 0.95}),
    "a little soft": evidence(focus=focus(0.3), defects=BLURRED),
    "too dark": evidence(defects={"too_dark": 0.95}, exposure=exposure(median=0.05, high=0.2)),
    "a little dark": evidence(defects={"too_dark": 0.63}, exposure=exposure(median=0.12, high=0.3)),
    "night": evidence(
        defects={"too_dark": 0.15}, exposure=exposure(median=0.04, high=0.55, clipped_dark=0.5)
    ),
    "high key": evidence(defects={"too_bright": 0.15}, exposure=exposure(median=0.97, clipped_bright=0.5)),
    "noisy": evidence(defects={"noise": 0.99}),
    "flare": evidence(defects={"lens_flare": 0.99}),
    "small file": evidence(width=640, height=480),
}
NAMES = ("balanced", "portrait", "event", "landscape", "sports", "product")
KEEP, DOUBT, REJECT = "keep", "cannot_tell", "reject"
ANSWERS: dict[str, tuple[str, ...]] = {
    #                        balanced  portrait  event  landscape  sports  product
    "good": (KEEP, KEEP, KEEP, KEEP, KEEP, KEEP),
    "no people": (KEEP, KEEP, KEEP, KEEP, KEEP, KEEP),
    "closed eyes": (REJECT, REJECT, REJECT, KEEP, KEEP, KEEP),
    "nearly closed eyes": (DOUBT, REJECT, DOUBT, KEEP, KEEP, KEEP),
    "blink in a group": (REJECT, REJECT, DOUBT, KEEP, KEEP, KEEP),
    "soft eyes, soft background": (REJECT, REJECT, REJECT, REJECT, REJECT, REJECT),
    "soft eyes, sharp background": (DOUBT, DOUBT, DOUBT, KEEP, REJECT, REJECT),
    "sharp eyes, soft background": (KEEP, KEEP, KEEP, REJECT, KEEP, KEEP),
    "moving subject": (REJECT, REJECT, DOUBT, REJECT, DOUBT, REJECT),
    "panning": (KEEP, KEEP, KEEP, REJECT, KEEP, KEEP),
    "a little soft": (DOUBT, DOUBT, DOUBT, DOUBT, DOUBT, REJECT),
    "too dark": (REJECT, REJECT, DOUBT, REJECT, REJECT, REJECT),
    "a little dark": (DOUBT, DOUBT, KEEP, DOUBT, DOUBT, REJECT),
    "night": (KEEP, KEEP, KEEP, KEEP, KEEP, KEEP),
    "high key": (KEEP, KEEP, KEEP, KEEP, KEEP, KEEP),
    "noisy": (DOUBT, DOUBT, KEEP, REJECT, KEEP, REJECT),
    "flare": (DOUBT, KEEP, KEEP, REJECT, KEEP, REJECT),
    "small file": (KEEP, KEEP, KEEP, DOUBT, KEEP, DOUBT),
}


@pytest.mark.parametrize("profile", NAMES)
@pytest.mark.parametrize("photo", PHOTOS)
def test_each_profile_answers_for_its_kind_of_shoot(photo: str, profile: str) -> None:
    """What rejects a portrait is no fault in a sports photo, and vice versa."""
    assert judge(PHOTOS[photo], PROFILES[profile]).answer == ANSWERS[photo][NAMES.index(profile)]


def test_the_table_covers_every_profile() -> None:
    """There are six, and the table above has them all."""
    assert sorted(PROFILES) == sorted(NAMES)


@pytest.mark.parametrize("profile", [name for name in NAMES if name != "balanced"])
def test_a_profile_changes_trust_and_not_only_limits(profile: str) -> None:
    """Each profile trusts other criteria than the balanced one, or compares other networks."""
    trust = [name for name in dict(PROFILES[profile]) if name.endswith("_trust") or name.startswith("focus_")]
    switches = [name for name in trust if isinstance(dict(PROFILES[profile])[name], str)]
    changed = [name for name in switches if dict(PROFILES[profile])[name] != dict(PROFILES["balanced"])[name]]
    assert changed


def test_profiles_cannot_be_changed() -> None:
    """The table of profiles is read-only."""
    with pytest.raises(TypeError):
        PROFILES["balanced"] = PROFILES["sports"]  # type: ignore[index]


def test_eyes_are_judged_strictly_in_portraits_and_mildly_at_events() -> None:
    """Both limits fall from portrait over balanced to event; only portrait doubts what may be on purpose."""
    kinds = [PROFILES[name] for name in ("portrait", "balanced", "event")]
    for limit in ("eyes_reject", "eyes_doubt"):
        values = [getattr(settings, limit) for settings in kinds]
        assert values == sorted(set(values), reverse=True)
    assert [settings.eyes_purpose for settings in kinds] == ["doubt", "remark", "remark"]
    assert {name for name, settings in PROFILES.items() if settings.eyes_trust == "reject"} == {
        "portrait",
        "balanced",
        "event",
    }
