"""Settings: every limit that a photographer may change, with unit, range, default and meaning.

A criterion (closed eyes, soft focus, ...) has two limits: past `*_reject` the photo is rejected; past
`*_doubt`
only, the answer is "cannot tell". `*_trust` is the strongest answer that it may give: "reject"; "doubt",
which lets it only raise a doubt; or "ignore", which leaves it out of the verdict and of the score.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from autocull.judge.verdict import Answer, ColourLabel
from autocull.series import GroupingSettings

Trust = Literal["ignore", "doubt", "reject"]
"""The strongest answer that a criterion may give."""

_SHARE = Field(ge=0, le=1, allow_inf_nan=False, json_schema_extra={"unit": "share"})
_WEIGHT = Field(ge=0, le=4, allow_inf_nan=False, json_schema_extra={"unit": "exponent"})
Share = Annotated[float, _SHARE]
Weight = Annotated[float, _WEIGHT]
Degrees = Annotated[float, Field(ge=0, le=90, allow_inf_nan=False, json_schema_extra={"unit": "degrees"})]
EyePixels = Annotated[float, Field(ge=0, le=500, allow_inf_nan=False, json_schema_extra={"unit": "pixels"})]
BlurPixels = Annotated[float, Field(ge=0, le=500, allow_inf_nan=False, json_schema_extra={"unit": "pixels"})]
SidePixels = Annotated[int, Field(ge=0, le=20_000, json_schema_extra={"unit": "pixels"})]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False, json_schema_extra={"unit": "seconds"})]
ExposureValues = Annotated[float, Field(ge=-20, le=20, allow_inf_nan=False, json_schema_extra={"unit": "EV"})]
Cosine = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, json_schema_extra={"unit": "cosine"})]
Ratio = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False, json_schema_extra={"unit": "height / width"})]
EyeWidths = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, json_schema_extra={"unit": "eye widths"})]
Widths = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False, json_schema_extra={"unit": "face widths"})]
Count = Annotated[int, Field(ge=1, le=1000, json_schema_extra={"unit": "faces"})]
Frames = Annotated[int, Field(ge=1, le=1000, json_schema_extra={"unit": "frames"})]


class MarkRow(BaseModel):
    """One row of the marks table: photos of `verdict` whose score is at least `score` get these marks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Answer
    score: Share = 0.0
    stars: Annotated[int, Field(ge=0, le=5)] = 0
    label: ColourLabel = "none"
    flag: Literal[-1, 0, 1] = 0


DEFAULT_MARKS = (
    MarkRow(verdict="keep", score=0.90, stars=4, label="green", flag=1),
    MarkRow(verdict="keep", score=0.70, stars=3),
    MarkRow(verdict="keep", score=0.45, stars=2),
    MarkRow(verdict="keep", stars=1),
    MarkRow(verdict="cannot_tell", label="yellow"),
    MarkRow(verdict="reject", label="red", flag=-1),
)
"""The marks by default; the fifth star is left to the photographer."""


class Settings(BaseModel):
    """The settings from evidence to verdict and from verdict to marks, as one frozen, hashable value.

    The defaults are the profile "balanced". Raises pydantic's ValidationError for values that are not
    accepted; `load_settings` turns it into messages.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The detector is less certain of faces with closed eyes, the mesh only of what is no face: so the mesh
    # has
    # the stricter limit. Its lids hardly follow closed eyes, so only lids far apart contradict the network.
    face_score_min: Share = Field(
        0.3, description="A face that was detected with less certainty than this is not judged."
    )
    face_mesh_min: Share = Field(
        0.7, description="Eyes are not judged where the mesh is less certain of the face than this."
    )

    eyes_trust: Trust = Field("reject", description="The strongest answer that closed eyes may give.")
    eyes_reject: Share = Field(0.12, description="Reject where the eyes' open probability is at most this.")
    eyes_doubt: Share = Field(
        0.35, description="Cannot tell where the eyes' open probability is at most this."
    )
    eyes_open: Share = Field(0.5, description="The eyes of a face count as open from this probability on.")
    eyes_closed: Share = Field(0.35, description="The eyes of a face count as closed up to this probability.")
    eyes_one_open: Share = Field(
        0.6, description="One eye as open as this: the face does not count as closed (a wink)."
    )
    eyes_one_closed: Share = Field(
        0.08, description="One eye as closed as this: the face does not count as open (a wink)."
    )
    eyes_size_min: EyePixels = Field(
        6.0, description="Eyes narrower than this, corner to corner, are not judged."
    )
    eyes_yaw_one: Degrees = Field(
        30.0, description="Face turned further sideways: only the nearer eye counts."
    )
    eyes_yaw_max: Degrees = Field(60.0, description="Face turned further sideways: its eyes are not judged.")
    eyes_pitch_down: Degrees = Field(
        45.0, description="Face bowed further: lowered lids do not count as closed."
    )
    eyes_aspect_open: Ratio = Field(
        0.45, description="Lids that the mesh finds this far apart do not count as closed (sunglasses)."
    )
    eyes_lids: Ratio = Field(
        0.16, description="Closed eyes reject a photo alone only where the lids are at most this far apart."
    )
    eyes_lids_size: EyePixels = Field(
        15.0, description="Lids of narrower eyes are not measured well enough to reject a photo alone."
    )
    eyes_purpose: Literal["ignore", "remark", "doubt"] = Field(
        "remark", description="What follows from closed eyes that are perhaps on purpose."
    )
    eyes_front_yaw: Degrees = Field(
        20.0, description="Face turned further sideways: closed eyes are perhaps on purpose."
    )
    eyes_front_pitch: Degrees = Field(
        15.0, description="Face turned further down or up: closed eyes are perhaps on purpose."
    )
    eyes_front_roll: Degrees = Field(
        25.0, description="Face tilted further: closed eyes are perhaps on purpose."
    )
    eyes_laugh: Ratio = Field(
        0.25, description="Mouth open at least this far (a laugh): closed eyes are perhaps on purpose."
    )
    eyes_close: Widths = Field(
        1.5,
        description="Faces this close, one turned to the other: closed eyes are perhaps on purpose.",
    )
    eyes_close_yaw: Degrees = Field(
        10.0, description="One of two close faces is turned to the other if it is turned further than this."
    )
    eyes_gaze: EyeWidths = Field(
        0.15, description="Iris further from the middle of the eye: the face does not look into the camera."
    )
    eyes_posed: Share = Field(
        0.5,
        description="A smaller share of faces looks into the camera: closed eyes are perhaps on purpose.",
    )
    eyes_face_min: Share = Field(
        0.01,
        description="Face below this share of the frame: closed eyes are perhaps on purpose.",
    )
    eyes_posed_faces: Count = Field(
        3, description="From this many faces that look into the camera on, small faces may reject, too."
    )
    eyes_people_min: Share = Field(
        0.05, description="Category people less probable than this: eyes only raise a doubt."
    )
    eyes_gate: Share = Field(
        0.25, description="A face of this prominence or less does not count (a bystander)."
    )
    eyes_full: Share = Field(0.5, description="A face of this prominence or more counts fully.")
    eyes_group: Count = Field(
        5, description="From this many faces on, a few with closed eyes only raise a doubt."
    )
    eyes_group_share: Share = Field(
        0.34, description="The largest share of a group's faces that counts as a few."
    )
    eyes_group_main: Share = Field(
        0.95, description="In a group, a closed face this prominent may still reject."
    )

    defocus_trust: Trust = Field("reject", description="The strongest answer that a missed focus may give.")
    motion_trust: Trust = Field("reject", description="The strongest answer that motion blur may give.")
    focus_reject: Share = Field(
        0.2, description="Reject where the subject's sharp probability is at most this."
    )
    focus_doubt: Share = Field(
        0.4, description="Cannot tell where the subject's sharp probability is at most this."
    )
    focus_on: Literal["subject", "frame"] = Field(
        "subject", description="What has to be sharp: the subject, or everything in the frame."
    )
    focus_texture_min: Share = Field(
        0.1, description="A tile with less texture is left out of the sharpness of the whole frame."
    )
    focus_plain: Share = Field(
        0.6, description="Where no tile has more texture (a plain sky), softness only raises a doubt."
    )
    focus_size_min: SidePixels = Field(
        600,
        description="Where the long side is shorter than this, softness only raises a doubt, but in a RAW.",
    )
    focus_blur_min: BlurPixels = Field(
        0.0,
        description="Missed focus narrower than this in a view of 2048 px only raises a doubt; 0: no limit.",
    )
    focus_second: Literal["always", "face", "never"] = Field(
        "face",
        description='When the whole-frame network must agree; "face": where a face is the subject.',
    )
    focus_second_min: Share = Field(
        0.6, description="The whole-frame network agrees from this blur probability on."
    )

    dark_trust: Trust = Field("reject", description="The strongest answer that underexposure may give.")
    dark_reject: Share = Field(0.75, description="Reject from this too-dark probability on.")
    dark_doubt: Share = Field(0.4, description="Cannot tell from this too-dark probability on.")
    dark_median: Share = Field(
        0.25, description="Measured light agrees with too dark up to this median luma."
    )
    dark_high: Share = Field(
        0.5, description="Measured light agrees with too dark up to this 95th percentile."
    )
    dark_lights: Share = Field(
        0.08,
        description="Small lights in this share of a dark picture (stars, lamps): dark only doubts.",
    )
    dark_bias: ExposureValues = Field(
        -1.0,
        description="Darkened by the photographer by this compensation or more, dark is a doubt at most.",
    )
    night_light: ExposureValues = Field(
        3.0,
        description="Exposed for so little light (value at ISO 100), dark shows the night: a doubt at most.",
    )
    bright_trust: Trust = Field("reject", description="The strongest answer that overexposure may give.")
    bright_reject: Share = Field(0.5, description="Reject from this too-bright probability on.")
    bright_doubt: Share = Field(0.3, description="Cannot tell from this too-bright probability on.")
    bright_median: Share = Field(
        0.6, description="Measured light agrees with too bright from this median luma on."
    )
    bright_clipped: Share = Field(
        0.02, description="Measured light agrees with too bright from this white share on."
    )

    bright_recoverable: Share = Field(
        0.01, description="Saturated sensor values up to this share: the RAW file holds the highlights."
    )

    flare_trust: Trust = Field("doubt", description="The strongest answer that lens flare may give.")
    flare_reject: Share = Field(0.95, description="Reject from this lens-flare probability on.")
    flare_doubt: Share = Field(0.8, description="Cannot tell from this lens-flare probability on.")
    quality_trust: Trust = Field("reject", description="The strongest answer that compression loss may give.")
    quality_reject: Share = Field(0.95, description="Reject from this compression-loss probability on.")
    quality_doubt: Share = Field(0.8, description="Cannot tell from this compression-loss probability on.")
    noise_trust: Trust = Field("doubt", description="The strongest answer that noise may give.")
    noise_reject: Share = Field(0.97, description="Reject from this noise probability on.")
    noise_doubt: Share = Field(0.7, description="Cannot tell from this noise probability on.")
    damage_trust: Trust = Field(
        "doubt", description="The strongest answer that data which contradict themselves may give."
    )
    resolution_doubt: SidePixels = Field(
        100, description="Cannot tell where the long side is shorter than this."
    )

    page_answer: Literal["ignore", "remark"] = Field(
        "remark", description="What follows where a picture looks like a document or a screenshot."
    )
    document_text: Share = Field(
        0.3, description="Text on at least this share of the picture: it looks like a document."
    )
    screenshot_flat: Share = Field(
        0.7, description="Equal pixels on this share, and no camera recorded: it looks like a screenshot."
    )

    category_sure: Share = Field(
        0.5, description='A category is named from this probability on; below, the answer is "not sure".'
    )

    score_eyes: Weight = Field(1.0, description="How much closed eyes lower the score.")
    score_focus: Weight = Field(1.0, description="How much softness lowers the score.")
    score_exposure: Weight = Field(0.5, description="How much wrong exposure lowers the score.")
    score_defects: Weight = Field(
        0.25, description="How much flare, compression loss and noise lower the score."
    )

    series_gap: Seconds = Field(3.0, description="The longest time between neighbouring frames of a burst.")
    series_moment: Seconds = Field(
        30.0, description="The longest time between the first and the last frame of a burst."
    )
    series_set_gap: Seconds = Field(
        12.0,
        description="The longest time between neighbouring frames of a bracket, focus stack or panorama.",
    )
    series_alike: Cosine = Field(0.7, description="Frames near in time are one series from this likeness on.")
    series_apart: Cosine = Field(
        0.6, description="Frames below this likeness are one burst only where their patches agree."
    )
    series_doubt: Cosine = Field(
        0.25,
        description="From this likeness on, patches are compared where times are missing or far apart.",
    )
    series_agree: Cosine = Field(
        0.72, description="Patches agree where the part that differs most has at least this likeness."
    )
    series_clear: Share = Field(
        0.55,
        description="And where it exceeds the mean of all their patches by this share of what is possible.",
    )
    series_copy_bits: Annotated[int, Field(ge=0, le=64, json_schema_extra={"unit": "bits"})] = Field(
        4, description="The most bits in which the 64-bit hashes of copies of one frame differ."
    )
    series_bracket_span: Annotated[
        float, Field(ge=0, le=20, allow_inf_nan=False, json_schema_extra={"unit": "EV"})
    ] = Field(1.0, description="The least span of a bracket from its darkest to its brightest frame.")
    series_focus_moved: Share = Field(
        0.08, description="In a focus stack at least this share of the picture turns sharp, and as much soft."
    )
    series_reach: Annotated[
        float, Field(ge=0, le=20, allow_inf_nan=False, json_schema_extra={"unit": "long sides"})
    ] = Field(0.25, description="The least distance between the first and the last frame of a panorama.")

    series_trust: Trust = Field(
        "reject", description="The strongest answer that a better frame of the same series may give."
    )
    series_keep: Frames = Field(1, description="How many of the best frames of a burst are kept.")
    series_margin: Share = Field(
        0.03, description="Cannot tell where a frame's merit is at most this far behind the last one kept."
    )
    rank_eyes: Weight = Field(2.0, description="How much open eyes count among the frames of a series.")
    rank_focus: Weight = Field(1.0, description="How much a sharp subject counts among them.")
    rank_exposure: Weight = Field(0.5, description="How much light that fits the series counts among them.")

    select_min: Share = Field(
        0.9, description="Where your taste acts, a photo is kept and picked from this probability on."
    )
    select_loss: Share = Field(
        0.02, description="The largest share of what you would select that your taste may reject."
    )

    marks: tuple[MarkRow, ...] = Field(
        DEFAULT_MARKS, description="The marks table: one row per verdict and minimum score."
    )

    @model_validator(mode="after")
    def _validate_marks(self) -> Settings:
        rows = {(row.verdict, row.score) for row in self.marks}
        if len(rows) < len(self.marks):
            raise ValueError("marks: two rows have the same verdict and the same minimum score")
        for verdict in ("keep", "cannot_tell", "reject"):
            if (verdict, 0.0) not in rows:
                raise ValueError(f"marks: {verdict} needs a row whose minimum score is 0")
        return self

    def grouping_settings(self) -> GroupingSettings:
        """Return the settings that decide which photos are one series: `series_*`."""
        return GroupingSettings(
            **{each.name: getattr(self, f"series_{each.name}") for each in fields(GroupingSettings)}
        )

    def digest(self) -> str:
        """Return 16 hex digits that differ where any setting differs; the same on every machine."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]
