"""The request bodies of docs/protocol.md as pydantic models; imported with the first request that has one."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from autocull.judge import load_settings
from autocull.paths import user_settings_file
from autocull.serve.http.request_parsing import UNKNOWN_FIELD
from autocull.serve.jobs import JobRequest, JobSettings, RequestedPhoto
from autocull.serve.journals import JournalEntry
from autocull.serve.learnings import LearningDecision

MAX_ITEMS = 1000
"""The maximum number of photos, decisions or journal entries in one request."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
TasteName = Annotated[str, Field(min_length=1, max_length=40)]
Text = Annotated[str, Field(max_length=500)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Setting = bool | int | float | Text | Annotated[list[dict[Name, int | float | Text]], Field(max_length=100)]


def _decode_base64(value: object) -> object:
    """Return the bytes of a Base64 text, which may be broken into lines; refuses another text."""
    if not isinstance(value, str):
        return value
    try:
        return b64decode("".join(value.split()), validate=True)
    except ValueError as error:
        raise PydanticCustomError("base64", "this is not Base64") from error


class StrictModel(BaseModel):
    """Base of the models: no type conversion, no unknown fields, of which only the first is reported."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_field(cls, value: object) -> object:
        """Refuse the first unknown field: pydantic would describe each of thousands."""
        if isinstance(value, dict):
            unknown = next((name for name in value if name not in cls.model_fields), None)
            if unknown is not None:
                raise PydanticCustomError(UNKNOWN_FIELD, "{name}", {"name": unknown[:100]})
        return value


class CaptureBody(StrictModel):
    """Capture data from the catalog; units as in `autocull.read.Capture`."""

    time: Text | None = None
    camera: Text | None = None
    serial: Text | None = None
    lens: Text | None = None
    focal_length: Number | None = None
    aperture: Number | None = None
    shutter: Number | None = None
    iso: Number | None = None
    exposure_bias: Number | None = None


class MarksBody(StrictModel):
    """Marks from the catalog; absent fields are unspecified."""

    rating: Annotated[int, Field(ge=0, le=5)] | None = None
    label: Text | None = None
    flag: Literal[-1, 0, 1] | None = None


class PhotoBody(StrictModel):
    """A photo to judge. Its paths are checked later, so that a wrong one is an error of this photo only."""

    id: Name
    path: str
    fallback: str | None = None
    preview: Annotated[bytes | None, BeforeValidator(_decode_base64)] = None
    capture: CaptureBody | None = None
    marks: MarksBody | None = None

    def to_requested_photo(self) -> RequestedPhoto:
        """Return the photo in the form that is stored with a job."""
        facts = self.model_dump(mode="json", include={"capture", "marks"}, exclude_none=True)
        return RequestedPhoto(
            self.id, self.path, self.fallback, json.dumps(facts) if facts else None, self.preview
        )


Photos = Annotated[list[PhotoBody], Field(max_length=MAX_ITEMS)]


class PhotosBody(StrictModel):
    """More photos of a job."""

    photos: Photos
    more: bool = False

    def to_requested_photos(self) -> Iterator[RequestedPhoto]:
        """Yield the photos in the form that is stored with a job."""
        return (photo.to_requested_photo() for photo in self.photos)


class JobBody(PhotosBody):
    """A new job."""

    catalog: Text | None = None
    source: Literal["user", "import"] = "user"
    purpose: Literal["cull", "look"] = "cull"
    profile: Name = "balanced"
    taste: TasteName | None = None
    settings: Annotated[dict[Name, Setting], Field(max_length=200)] = {}

    def to_job_request(self) -> JobRequest:
        """Return the job to store, with a snapshot of its settings.

        Raises SettingsError for a setting that is not accepted or a taste that does not exist, and TasteError
        for a taste that is damaged.
        """
        rows = {name: tuple(value) for name, value in self.settings.items() if isinstance(value, list)}
        settings = load_settings(
            self.profile, None, {**self.settings, **rows}, user_file=user_settings_file(), strict=True
        )
        job_settings = JobSettings(settings=settings, taste=self.taste)
        job_settings.load_profile()
        return JobRequest(
            source=self.source,
            purpose=self.purpose,
            profile=self.profile,
            settings=job_settings.model_dump_json(),
            photos=tuple(self.to_requested_photos()),
            catalog=self.catalog,
            more=self.more,
        )


class DecisionBody(StrictModel):
    """A photo that the photographer decided on by hand."""

    path: Annotated[str, Field(min_length=1)]
    shoot: Text | None = None
    decision: Literal["select", "reject"]


class DecisionsBody(StrictModel):
    """More decisions of a learning."""

    decisions: Annotated[list[DecisionBody], Field(max_length=MAX_ITEMS)]
    more: bool = False

    def to_decisions(self) -> Iterator[LearningDecision]:
        """Yield the decisions in the form that a learning takes."""
        return (LearningDecision(each.path, each.shoot, each.decision) for each in self.decisions)


class LearningBody(DecisionsBody):
    """A new learning; `name` is the name of the taste."""

    name: TasteName


class EntryBody(StrictModel):
    """The marks of one photo before and after."""

    id: Name
    before: MarksBody
    after: MarksBody

    def to_entry(self) -> JournalEntry:
        """Return the entry in the form of a journal: only the marks in the body, also those that are null."""
        before, after = (marks.model_dump(exclude_unset=True) for marks in (self.before, self.after))
        return JournalEntry(self.id, before, after)


class EntriesBody(StrictModel):
    """Entries of a journal."""

    entries: Annotated[list[EntryBody], Field(max_length=MAX_ITEMS)]
