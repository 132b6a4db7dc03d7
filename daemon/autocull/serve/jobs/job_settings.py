"""The snapshot of settings and taste that is stored with a job when it is created."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from autocull.errors import SettingsError
from autocull.judge import Settings
from autocull.paths import default_tastes
from autocull.taste import Profile, ProfileStore


class JobSettings(BaseModel):
    """All settings of a job, and the name of its taste, if any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: Settings
    taste: str | None = None

    def load_profile(self) -> Profile | None:
        """Return the taste; raises SettingsError if it is missing, and TasteError if it is damaged."""
        return None if self.taste is None else open_profile_store().load(self.taste)


def parse_job_settings(text: str) -> JobSettings:
    """Parse a stored snapshot (JSON).

    Raises SettingsError if another version of Autocull stored it and its settings differ.
    """
    try:
        return JobSettings.model_validate_json(text)
    except ValidationError as error:
        message = "The job was created by another version of Autocull with other settings. Send it again."
        raise SettingsError(message, parameters={"reason": "other_version"}) from error


def open_profile_store() -> ProfileStore:
    """Return the store of the photographer's tastes, in the folder that `autocull learn` uses too."""
    return ProfileStore(Path(os.environ.get("AUTOCULL_TASTES") or default_tastes()))
