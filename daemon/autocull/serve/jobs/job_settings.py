"""How a job is judged, frozen when it was sent: the settings, and whose taste is asked."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from autocull.errors import SettingsError
from autocull.judge import Settings
from autocull.paths import default_tastes
from autocull.taste.profile import Profile
from autocull.taste.profile_store import ProfileStore


class JobSettings(BaseModel):
    """The whole settings of a job, and the name of the taste that is asked, if any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: Settings
    taste: str | None = None

    def load_profile(self) -> Profile | None:
        """Return the taste; raises SettingsError where it is gone, and TasteError where it is damaged."""
        return None if self.taste is None else open_profile_store().load(self.taste)


def parse_job_settings(text: str) -> JobSettings:
    """Read what was frozen (JSON).

    Raises SettingsError for settings that another version of Autocull froze and this one does not have.
    """
    try:
        return JobSettings.model_validate_json(text)
    except ValidationError as error:
        message = "The job was made by another version of Autocull, whose settings differ. Send it again."
        raise SettingsError(message) from error


def open_profile_store() -> ProfileStore:
    """Return the photographer's tastes, where `autocull learn` leaves them too."""
    return ProfileStore(Path(os.environ.get("AUTOCULL_TASTES") or default_tastes()))
