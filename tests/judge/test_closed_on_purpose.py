"""Closed eyes are a blink in a face that faces the camera, and perhaps on purpose in any other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.judge import PROFILES, Settings, judge
from autocull.judge.closed_on_purpose import Purpose, closed_on_purpose
from autocull.measure.evidence import Face
from autocull.read.photo import Box
from support.evidence_builders import evidence, eye, face

SETTINGS = Settings()
LEFT, RIGHT = Box(0.2, 0.3, 0.4, 0.6), Box(0.42, 0.3, 0.62, 0.6)
FAR_RIGHT = Box(0.75, 0.3, 0.95, 0.6)


def purpose_of(*faces: Face) -> Purpose | None:
    """Return the purpose of the first face's closed eyes in a photo of these faces."""
    return closed_on_purpose(evidence(faces=faces), 0, SETTINGS)


@pytest.mark.parametrize(
    ("measured", "purpose"),
    [
        pytest.param(face(0.02), None, id="looks into the camera"),
        pytest.param(face(0.02, yaw=12, pitch=-8, roll=15, mouth=0.1), None, id="nearly straight, smiles"),
        pytest.param(face(0.02, yaw=30), "turned", id="turned right"),
        pytest.param(face(0.02, yaw=-30), "turned", id="turned left"),
        pytest.param(face(0.02, pitch=-20), "bowed", id="reads"),
        pytest.param(face(0.02, pitch=20), "bowed", id="head back"),
        pytest.param(face(0.02, roll=40), "tilted", id="asleep on a shoulder"),
        pytest.param(face(0.02, mouth=0.4), "laughing", id="laughs"),
        pytest.param(face(0.02, box=Box(0.5, 0.5, 0.55, 0.57)), "small", id="far away"),
    ],
)
def test_a_face_not_facing_the_camera_has_a_purpose(measured: Face, purpose: Purpose | None) -> None:
    """Each thing that a face does instead of facing the camera is a purpose of its own."""
    assert purpose_of(measured) == purpose


def test_a_kiss_is_on_purpose_for_both() -> None:
    """A face turned a little to one that it touches is no blink, nor is the face that it is turned to."""
    kissing, kissed = face(0.02, box=LEFT, yaw=15), face(0.02, box=RIGHT)
    assert purpose_of(kissing, kissed) == purpose_of(kissed, kissing) == "embracing"


def test_neighbours_who_face_the_camera_may_blink() -> None:
    """Faces cheek to cheek are no kiss where neither is turned to the other, or where they are apart."""
    assert purpose_of(face(0.02, box=LEFT), face(box=RIGHT)) is None
    assert purpose_of(face(0.02, box=LEFT, yaw=-15), face(box=RIGHT, yaw=15)) is None
    assert purpose_of(face(0.02, box=LEFT, yaw=15), face(box=FAR_RIGHT)) is None


def test_a_kiss_is_found_in_an_upright_photo_too() -> None:
    """Distances are in pixels: the photo's shape does not stretch them."""
    above, below = Box(0.4, 0.30, 0.6, 0.42), Box(0.45, 0.46, 0.65, 0.58)
    faces = (face(0.02, box=above, yaw=15), face(0.02, box=below))
    tall = evidence(faces=faces, width=1000, height=1500)
    assert closed_on_purpose(tall, 0, SETTINGS) == "embracing"
    assert closed_on_purpose(evidence(faces=faces, width=1000, height=4000), 0, SETTINGS) is None


def test_a_group_is_posed_where_half_of_it_faces_the_camera() -> None:
    """One of a crowd that faces elsewhere does not pose; bystanders do not count."""
    front, away = face(0.02, box=LEFT), face(box=FAR_RIGHT, yaw=-50)
    assert purpose_of(front, away) is None
    assert purpose_of(front, away, away) == "unposed"
    assert purpose_of(front, face(box=FAR_RIGHT, gaze=0.1), face(box=FAR_RIGHT, gaze=-0.1)) is None
    assert purpose_of(front, face(box=FAR_RIGHT, gaze=0.3), face(box=FAR_RIGHT, gaze=-0.3)) == "unposed"
    bystander = face(box=FAR_RIGHT, yaw=-50, prominence=0.1)
    assert purpose_of(front, bystander, bystander) is None


def test_small_faces_of_a_posed_group_may_blink() -> None:
    """From three faces that face the camera on, their size does not matter."""
    small = [face(0.02, box=Box(x, 0.5, x + 0.05, 0.57)) for x in (0.1, 0.3, 0.5)]
    assert purpose_of(*small[:2]) == "small"
    assert purpose_of(*small) is None


@pytest.mark.parametrize(
    ("profile", "answer", "code"),
    [
        ("balanced", "keep", "eyes_on_purpose"),
        ("event", "keep", "eyes_on_purpose"),
        ("portrait", "cannot_tell", "eyes_doubtful"),
    ],
)
def test_closed_on_purpose_is_a_remark_but_in_portraits_a_doubt(profile: str, answer: str, code: str) -> None:
    """No profile rejects what may be on purpose; in the strict one it raises a doubt."""
    verdict = judge(evidence(faces=(face(0.01, yaw=30),)), PROFILES[profile])
    assert (verdict.answer, [reason.code for reason in verdict.reasons]) == (answer, [code])
    assert verdict.eyes == "closed"


def test_the_remark_can_be_left_out() -> None:
    """With `eyes_purpose` "ignore" the photo is kept without a word."""
    silent = SETTINGS.model_copy(update={"eyes_purpose": "ignore"})
    assert judge(evidence(faces=(face(0.01, yaw=30),)), silent).reasons == ()


def test_a_remark_does_not_lower_the_score() -> None:
    """A kept photo is not ranked last among the kept for what may be on purpose."""
    kept = judge(evidence(faces=(face(0.01, yaw=30),)), SETTINGS)
    assert kept.score == judge(evidence(), SETTINGS).score


def test_a_remark_comes_after_doubts_and_names_its_face() -> None:
    """A doubt decides the answer; the remark follows, with the box of its own face."""
    faces = (face(0.97), face(0.01, yaw=30, box=FAR_RIGHT))
    verdict = judge(evidence(faces=faces, remarks=("maybe_damaged",)), SETTINGS)
    assert verdict.answer == "cannot_tell"
    assert [reason.code for reason in verdict.reasons] == ["damage_doubtful", "eyes_on_purpose"]
    assert verdict.reasons[1].box == FAR_RIGHT


def test_a_blink_next_to_a_turned_face_rejects() -> None:
    """What one face does on purpose does not excuse the blink of another."""
    faces = (face(0.02, box=LEFT), face(0.01, yaw=30, box=FAR_RIGHT))
    verdict = judge(evidence(faces=faces), SETTINGS)
    assert [reason.code for reason in verdict.reasons] == ["eyes_closed"]
    assert verdict.reasons[0].box == LEFT


@given(
    opens=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    lids=st.floats(0, 0.5),
    yaw=st.floats(-90, 90),
    pitch=st.floats(-60, 60),
    mouth=st.floats(0, 1),
    profile=st.sampled_from(sorted(PROFILES)),
)
def test_only_a_blink_into_the_camera_rejects_alone(
    opens: tuple[float, float], lids: float, yaw: float, pitch: float, mouth: float, profile: str
) -> None:
    """A face that does not face the camera, or whose lids do not agree, is not rejected."""
    settings = PROFILES[profile]
    measured = face(opens, lids=lids, yaw=yaw, pitch=pitch, mouth=mouth)
    photo = evidence(faces=(measured,))
    purpose = closed_on_purpose(photo, 0, settings)
    verdict = judge(photo, settings)
    if purpose is not None or lids > settings.eyes_lids:
        assert verdict.answer != "reject"
    same = evidence(faces=(face(0.5, lids=lids, yaw=yaw, pitch=pitch, mouth=mouth),))
    assert closed_on_purpose(same, 0, settings) == purpose


@pytest.mark.parametrize(
    "eyes",
    [
        pytest.param((eye(0.02), eye(0.02, lids=0.25)), id="one eye's lids are apart"),
        pytest.param((eye(0.02, lids=None), eye(0.02, lids=None)), id="evidence of an earlier version"),
        pytest.param((eye(0.02, size=14.0), eye(0.02, size=13.0)), id="too small"),
    ],
)
def test_without_the_lids_closed_eyes_raise_a_doubt(eyes: tuple[object, ...]) -> None:
    """Two networks have to agree before closed eyes reject a photo alone."""
    verdict = judge(evidence(faces=(face(eyes=eyes),)), SETTINGS)
    assert (verdict.answer, verdict.reasons[0].code) == ("cannot_tell", "eyes_doubtful")
