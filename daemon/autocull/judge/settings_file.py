"""Loading of settings from a profile, TOML files and single values, with messages for what is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from autocull.errors import SettingsError
from autocull.judge.settings import MarkRow, Settings
from autocull.judge.shoot_profiles import PROFILE_SYNONYMS, PROFILES

_MAX_NAMES = 30
"""How many names an error message lists."""


def load_settings(
    profile: str | None = None,
    file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    user_file: Path | None = None,
    strict: bool = False,
) -> Settings:
    """Build the settings: the profile's, then the user's, then those of the TOML `file`, then `overrides`.

    `user_file` is the user's own settings file, and may not exist. The profile is `profile`, else the one
    that `file` names (`profile = "portrait"`), else the one of the user's file, else "balanced". A
    file's `[[marks]]` rows replace the whole marks table. Raises SettingsError for names that do not exist
    (with the nearest one that does) and for values that are not accepted (with those that are). With
    `strict`, numbers given as text in `overrides` are refused.
    """
    user_settings = _read_user_file(user_file)
    file_settings = {} if file is None else _read_toml(file)
    user_profile = str(user_settings.pop("profile", "balanced"))
    file_profile = file_settings.pop("profile", None)
    name = file_profile if profile is None else profile
    chosen = None if name is None else _get_profile(str(name))
    try:
        default = _get_profile(user_profile)  # a wrong one is refused even where another is chosen
        base = _change(default if chosen is None else chosen, user_settings)
    except SettingsError as error:
        raise SettingsError(f"{user_file}: {error.message}") from error
    return _change(base, {**file_settings, **(overrides or {})}, strict=strict)


def list_user_changes(user_file: Path) -> Mapping[str, Any]:
    """Return what the user's settings file sets, by setting, `profile` among them; empty without a file.

    Raises SettingsError for a file that `load_settings` refuses.
    """
    load_settings(user_file=user_file)
    return _read_user_file(user_file)


def _change(base: Settings, changes: Mapping[str, Any], *, strict: bool = False) -> Settings:
    if isinstance(changes.get("marks"), str):
        raise SettingsError("The setting marks is a table: give its rows, in a settings file as [[marks]].")
    for name in changes:
        if name not in Settings.model_fields:
            raise SettingsError(f"There is no setting {name}. {_suggest_name(name, Settings.model_fields)}")
    try:
        return Settings.model_validate({**dict(base), **changes}, strict=strict)
    except ValidationError as error:
        raise SettingsError(" ".join(_describe_error(detail) for detail in error.errors())) from error


def _read_user_file(file: Path | None) -> dict[str, Any]:
    return {} if file is None or not file.exists() else _read_toml(file)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SettingsError(f"The settings file {file} is not TOML: {error}.") from error


def _get_profile(name: str) -> Settings:
    if name not in PROFILES:
        meant = next((each for word, each in PROFILE_SYNONYMS.items() if word in name.lower()), name)
        raise SettingsError(f"There is no profile {name}. {_suggest_name(meant, PROFILES)}")
    return PROFILES[name]


def _suggest_name(name: str, accepted: Iterable[str]) -> str:
    names = sorted(accepted)
    close = get_close_matches(name.lower().replace("-", "_"), names, n=1)
    if close:
        return f"Did you mean {close[0]}?"
    more = (
        f" and {len(names) - _MAX_NAMES} more, listed in docs/settings.md" if len(names) > _MAX_NAMES else ""
    )
    return f"There are: {', '.join(names[:_MAX_NAMES])}{more}."


def _describe_error(detail: ErrorDetails) -> str:
    """Describe one validation error: the setting, its value and what is accepted."""
    location = [str(part) for part in detail["loc"]]
    if detail["type"] == "value_error":
        return f"{detail['msg'].removeprefix('Value error, ')}."
    name = f"marks row {int(location[1]) + 1}, {'.'.join(location[2:])}" if len(location) > 1 else location[0]
    if detail["type"] == "extra_forbidden":
        return f"There is no {name}. {_suggest_name(location[-1], MarkRow.model_fields)}"
    return f"The setting {name} is {detail['input']!r}: {_lower_first(detail['msg'])}."


def _lower_first(message: str) -> str:
    return message[:1].lower() + message[1:]
