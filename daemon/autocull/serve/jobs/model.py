"""A job and its photos, as they are ordered, kept and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

JobSource = Literal["user", "import"]
JobPurpose = Literal["cull", "look"]
Picture = Literal["file", "fallback"]
"""Which picture of a photo was judged: its file, or another one of it."""

JobState = Literal["waiting", "running", "done", "cancelled", "failed"]
LIVE: tuple[JobState, ...] = ("waiting", "running")
"""The states of a job that has not ended."""


class RequestedPhoto(NamedTuple):
    """A photo that is to be judged.

    `id` is the catalog's; `path` and `fallback` are as the catalog wrote them, unchecked; `facts` holds what
    else the catalog knows (capture, marks) as JSON.
    """

    id: str
    path: str
    fallback: str | None = None
    facts: str | None = None


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A new job: `settings` are the whole settings as JSON, frozen as they are now."""

    source: JobSource
    purpose: JobPurpose
    profile: str
    settings: str
    photos: Sequence[RequestedPhoto]
    catalog: str | None = None
    more: bool = False

    @property
    def column_values(self) -> tuple[object, ...]:
        """What is kept of the job itself, in the order of its columns."""
        return self.source, self.purpose, self.profile, self.settings, self.catalog, self.more


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is kept: `more` says that further photos may come, `created` is seconds since 1970."""

    id: str
    source: JobSource
    purpose: JobPurpose
    profile: str
    settings: str
    catalog: str | None
    more: bool
    state: JobState
    created: float
    message: str | None

    @property
    def live(self) -> bool:
        """Whether the job has not ended."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How far a job is: `errors` are the unreadable photos among `done`, in no verdict.

    `reasons` counts rejects under their gravest reason.
    """

    total: int
    done: int
    errors: int
    verdicts: Mapping[str, int]
    reasons: Mapping[str, int]


class PendingPhoto(NamedTuple):
    """A photo without a result, at its `position` in the job."""

    position: int
    photo: RequestedPhoto


class JudgedPhoto(NamedTuple):
    """A photo with a verdict, at its `position` in the job, and which picture of it was judged."""

    position: int
    photo: RequestedPhoto
    picture: Picture


@dataclass(frozen=True, slots=True)
class PhotoOutcome:
    """What one photo gave: `content` as the protocol has it, without number and id; what is counted of it."""

    content: Mapping[str, Any]
    verdict: str | None
    reason: str | None
