"""A job, its photos and their outcomes as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from autocull.errors import Problem

JobSource = Literal["user", "import"]
JobPurpose = Literal["cull", "look"]
Picture = Literal["file", "fallback"]
"""Which picture of a photo was judged: its file, or the fallback such as a preview."""

JobState = Literal["waiting", "running", "done", "cancelled", "failed"]
LIVE: tuple[JobState, ...] = ("waiting", "running")
"""The states of a job that has not ended."""


class RequestedPhoto(NamedTuple):
    """A photo to judge.

    `id` is the catalog's; `path` and `fallback` are as the client sent them, unchecked; `facts` is JSON text
    with the catalog's capture data and marks. `preview` is a picture that came with the request; when the
    photo is stored, it becomes a file that is the fallback.
    """

    id: str
    path: str
    fallback: str | None = None
    facts: str | None = None
    preview: bytes | None = None


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A new job: `settings` is the snapshot of all settings as JSON."""

    source: JobSource
    purpose: JobPurpose
    profile: str
    settings: str
    photos: Sequence[RequestedPhoto]
    catalog: str | None = None
    more: bool = False

    @property
    def column_values(self) -> tuple[object, ...]:
        """Return the values of the job's own row, in the order of its columns."""
        return self.source, self.purpose, self.profile, self.settings, self.catalog, self.more


@dataclass(frozen=True, slots=True)
class Job:
    """A stored job: `more` is whether more photos may come, `created` is in seconds since 1970.

    `problem` is why the job failed, or what a job that is done had to leave out.
    """

    id: str
    source: JobSource
    purpose: JobPurpose
    profile: str
    settings: str
    catalog: str | None
    more: bool
    state: JobState
    created: float
    problem: Problem | None

    @property
    def live(self) -> bool:
        """Return whether the job has not ended."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class JobCounts:
    """The progress of a job: `errors` counts the unreadable photos among `done`, which have no verdict.

    `reasons` counts rejects by their most severe reason.
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
    """The result of one photo: `content` in the form of the protocol (without number and id), its counts."""

    content: Mapping[str, Any]
    verdict: str | None
    reason: str | None
