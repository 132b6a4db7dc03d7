"""State of the eyes ("open", "closed" or "cannot_tell") of every face and of the photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from autocull.judge.closed_on_purpose import closed_on_purpose
from autocull.judge.settings import Settings
from autocull.judge.verdict import EyesAnswer, EyeState
from autocull.measure import Evidence, Eye, Face

EyesDoubtReason = Literal["people", "purpose", "lids", "group"]
"""Why closed eyes only raise a doubt."""

_LEAST_OPEN_FIRST: tuple[EyeState, ...] = ("closed", "cannot_tell", "open")


class FaceEyes(NamedTuple):
    """The eyes of one face.

    `open` is the probability (0-1) of open eyes, None where no eyes were detected; `clear` whether it may
    count for the photo; `weight` (0-1) how much the face counts in the photo's answer.
    """

    state: EyeState
    open: float | None
    clear: bool
    weight: float


class WorstFace(NamedTuple):
    """The face that decides: its weighted open probability (0-1), and its index in the evidence."""

    open: float
    face: int


class PhotoEyes(NamedTuple):
    """The eyes of a photo.

    `open` is the probability (0-1) behind the answer, None where no eyes were detected; `states` are those of
    all faces; `worst` is the face that may raise a doubt, `closed` the one that may reject, and `on_purpose`
    the one whose eyes, where they are closed, are perhaps so on purpose. `spared` is why closed eyes may not
    reject, None where they may.
    """

    answer: EyesAnswer
    open: float | None
    states: tuple[EyeState, ...] = ()
    worst: WorstFace | None = None
    closed: WorstFace | None = None
    on_purpose: WorstFace | None = None
    spared: EyesDoubtReason | None = None


def judge_eyes(evidence: Evidence, settings: Settings) -> PhotoEyes:
    """Judge the eyes of a photo by its worst face, weighted by prominence.

    A face's weight grows from 0 at the prominence `eyes_gate` to 1 at `eyes_full`. Its open probability
    counts
    as `1 - weight * (1 - open)`, and the lowest counts for the photo: a bystander does not reject a frame,
    and one face with open eyes does not hide nine blinks.
    """
    if not evidence.faces:
        return PhotoEyes("no_faces", None)
    faces = [judge_face(face, settings) for face in evidence.faces]
    states = tuple(face.state for face in faces)
    weighted = [
        WorstFace(_weighted_openness(face.open, face.weight), index)
        for index, face in enumerate(faces)
        if face.open is not None and face.weight > 0
    ]
    considered = [each for each in weighted if faces[each.face].clear]
    if not considered:
        uncertain = min(weighted).open if weighted else None
        return PhotoEyes(_main_state(evidence, faces), uncertain, states)
    lowest = min(considered).open
    answer = _answer_of_photo(lowest, _main_state(evidence, faces), settings)
    blinks, on_purpose = _split_by_purpose(evidence, considered, settings)
    closed = [each for each in blinks if faces[each.face].state == "closed"]
    spared = _eyes_doubt_reason(evidence, faces, closed, settings)
    sure = [each for each in closed if spared is None and lids_agree(evidence.faces[each.face], settings)]
    return PhotoEyes(
        answer,
        lowest,
        states,
        worst=min(blinks if settings.eyes_purpose != "doubt" else considered, default=None),
        closed=min(sure, default=None),
        on_purpose=min(on_purpose, default=None) if settings.eyes_purpose == "remark" else None,
        spared=spared,
    )


def _split_by_purpose(
    evidence: Evidence, considered: Sequence[WorstFace], settings: Settings
) -> tuple[list[WorstFace], list[WorstFace]]:
    """Return the faces whose closed eyes are a blink, and those whose closed eyes are perhaps on purpose."""
    blinks: list[WorstFace] = []
    on_purpose: list[WorstFace] = []
    for each in considered:
        is_blink = closed_on_purpose(evidence, each.face, settings) is None
        (blinks if is_blink else on_purpose).append(each)
    return blinks, on_purpose


def judge_face(face: Face, settings: Settings) -> FaceEyes:
    """Judge one face by itself.

    Eyes that are too small, a face turned away, and one detected with little certainty are "cannot_tell". A
    bowed face (lowered lids) and lids that the mesh finds wide apart (sunglasses) may be "open", never
    "closed". Both eyes must agree: a wink is neither open nor closed.
    """
    eyes = _considered_eyes(face, settings)
    if not eyes:
        return FaceEyes("cannot_tell", None, False, _face_weight(face, settings))
    size = sum(eye.size for eye in eyes)
    chance = sum(eye.size * eye.open for eye in eyes) / size if size > 0 else eyes[0].open
    weight = _face_weight(face, settings)
    if _is_hidden(face, eyes, settings):
        return FaceEyes("cannot_tell", chance, False, weight)
    clear = not _may_be_lowered(face, eyes, settings)
    if chance >= settings.eyes_open and min(eye.open for eye in eyes) > settings.eyes_one_closed:
        return FaceEyes("open", chance, clear, weight)
    both_closed = max(eye.open for eye in eyes) < settings.eyes_one_open
    closed = clear and both_closed and chance <= settings.eyes_closed
    return FaceEyes("closed" if closed else "cannot_tell", chance, clear, weight)


def _considered_eyes(face: Face, settings: Settings) -> tuple[Eye, ...]:
    """Return the eyes that count: both, or the nearer (wider) one of a face that is turned sideways."""
    if len(face.eyes) > 1 and abs(face.yaw) > settings.eyes_yaw_one:
        return (max(face.eyes, key=lambda eye: eye.size),)
    return face.eyes


def _is_hidden(face: Face, eyes: tuple[Eye, ...], settings: Settings) -> bool:
    return (
        face.score < settings.face_score_min
        or face.mesh_score < settings.face_mesh_min
        or abs(face.yaw) > settings.eyes_yaw_max
        or max(eye.size for eye in eyes) < settings.eyes_size_min
    )


def lids_agree(face: Face, settings: Settings) -> bool:
    """Whether the lids, measured by another network, confirm that the eyes of a face are closed.

    Where they were not measured, or the eyes are too small for it, they do not agree.
    """
    eyes = _considered_eyes(face, settings)
    if not eyes or max(eye.size for eye in eyes) < settings.eyes_lids_size:
        return False
    return all(eye.lids is not None and eye.lids <= settings.eyes_lids for eye in eyes)


def _may_be_lowered(face: Face, eyes: tuple[Eye, ...], settings: Settings) -> bool:
    """Whether closed eyes may be a lowered gaze or sunglasses instead."""
    aspect = sum(eye.aspect for eye in eyes) / len(eyes)
    return face.pitch < -settings.eyes_pitch_down or aspect >= settings.eyes_aspect_open


def _face_weight(face: Face, settings: Settings) -> float:
    above = face.prominence - settings.eyes_gate
    if above <= 0 or face.score < settings.face_score_min:
        return 0.0
    span = settings.eyes_full - settings.eyes_gate
    return 1.0 if above >= span else above / span


def _weighted_openness(chance: float, weight: float) -> float:
    """Return the open probability that counts for the photo; at full weight the face's own."""
    return chance if weight == 1 else 1 - weight * (1 - chance)


def _eyes_doubt_reason(
    evidence: Evidence, faces: Sequence[FaceEyes], closed: Sequence[WorstFace], settings: Settings
) -> EyesDoubtReason | None:
    """Return why closed eyes may not reject, None where they may.

    "people": the photo is hardly one of people; "purpose": no face that looks into the camera has closed
    eyes; "lids": the lids of none of these faces (`closed`) agree; "group": only a few faces of a large group
    have closed eyes. `faces` are those of the evidence, judged, in its order.
    """
    if evidence.category["people"] < settings.eyes_people_min:
        return "people"
    if not closed:
        return "purpose"
    if not any(lids_agree(evidence.faces[each.face], settings) for each in closed):
        return "lids"
    group = [index for index, face in enumerate(faces) if face.weight > 0]
    if len(group) < settings.eyes_group:
        return None
    closed_in_group = [index for index in group if faces[index].state == "closed"]
    main = any(evidence.faces[index].prominence >= settings.eyes_group_main for index in closed_in_group)
    return None if main or len(closed_in_group) > settings.eyes_group_share * len(group) else "group"


def _main_state(evidence: Evidence, faces: list[FaceEyes]) -> EyeState:
    """Return the state of the most prominent face; of several equals, that of the least open one."""
    highest = max(face.prominence for face in evidence.faces)
    equals = [
        face.state for face, source in zip(faces, evidence.faces, strict=True) if source.prominence == highest
    ]
    return min(equals, key=_LEAST_OPEN_FIRST.index)


def _answer_of_photo(lowest: float, main: EyeState, settings: Settings) -> EyesAnswer:
    """Return the photo's answer; it is "open" only where the main face's eyes are open, too."""
    if lowest <= settings.eyes_closed:
        return "closed"
    return "open" if lowest >= settings.eyes_open and main == "open" else "cannot_tell"
