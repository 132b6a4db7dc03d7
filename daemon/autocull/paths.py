"""Paths of Autocull's own files, on every system, and of the data that ship with the package."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path, user_config_path, user_data_path, user_log_path

APP_FOLDER = ".autocull"
"""The folder in the user's home that plug-in and daemon share; the plug-in cannot find any other."""


PLUGIN_ID = "app.autocull.lightroom"
"""The plug-in's identifier in its Info.lua, under which Lightroom also stores the plug-in's fields."""


@dataclass(frozen=True, slots=True)
class AppPaths:
    """Paths of one user: `app_folder` (shared with the plug-in), and those of each kind of data.

    `journals` is the folder of journals of sidecars.
    """

    app_folder: Path
    log: Path
    jobs: Path
    store: Path
    tastes: Path
    settings: Path
    journals: Path


def app_paths(home: Path | None = None) -> AppPaths:
    """Return this user's paths; creates nothing. `home` is the user's home folder (default: the system's)."""
    return AppPaths(
        app_folder=(home or Path.home()) / APP_FOLDER,
        log=user_log_path("autocull", appauthor=False) / "autocull.log",
        jobs=user_data_path("autocull", appauthor=False) / "jobs.sqlite",
        store=default_store(),
        tastes=default_tastes(),
        settings=user_settings_file(),
        journals=journal_folder(),
    )


def default_store() -> Path:
    """Return the default path of the store of evidence, in the user's cache folder."""
    return user_cache_path("autocull", appauthor=False) / "store.sqlite"


def default_tastes() -> Path:
    """Return the default folder of tastes, in the user's data folder; does not create it."""
    return user_data_path("autocull", appauthor=False) / "tastes"


def user_settings_file() -> Path:
    """Return the path of the user's settings, in the user's configuration folder; it may not exist."""
    return user_config_path("autocull", appauthor=False) / "settings.toml"


def journal_folder() -> Path:
    """Return the folder of journals of sidecars, in the user's data folder; does not create it."""
    return user_data_path("autocull", appauthor=False) / "journals"


def lock_folder() -> Path:
    """Return the folder of locks of folders that are sorted into, in the user's cache; does not create it."""
    return user_cache_path("autocull", appauthor=False) / "locks"


def packaged_folder(name: str, checkout_name: str) -> Path:
    """Return a folder that ships with Autocull.

    In an installed package it is called `name`, at the top of a checkout `checkout_name`.
    """
    package = Path(str(files("autocull")))
    installed = package / name
    return installed if installed.is_dir() else package.parents[1] / checkout_name
