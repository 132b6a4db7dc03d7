"""Where Autocull keeps its own files, on every system."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path, user_data_path, user_log_path

APP_FOLDER = ".autocull"
"""The folder in the user's home where plug-in and daemon meet: the plug-in can look nowhere else."""


@dataclass(frozen=True, slots=True)
class AppPaths:
    """The folder `app_folder` that the plug-in reads too, the daemon's log, its jobs, and what was
    measured.
    """

    app_folder: Path
    log: Path
    jobs: Path
    store: Path


def app_paths(home: Path | None = None) -> AppPaths:
    """Return this user's places; nothing is made. `home` is the user's home folder, as the system says it."""
    return AppPaths(
        app_folder=(home or Path.home()) / APP_FOLDER,
        log=user_log_path("autocull", appauthor=False) / "autocull.log",
        jobs=user_data_path("autocull", appauthor=False) / "jobs.sqlite",
        store=default_store(),
    )


def default_store() -> Path:
    """Return the place of what was measured, in the user's cache folder."""
    return user_cache_path("autocull", appauthor=False) / "store.sqlite"


def default_tastes() -> Path:
    """Return the folder of the photographers' profiles, in the user's data folder; it is not made."""
    return user_data_path("autocull", appauthor=False) / "tastes"
