"""Describes settings in words: what each accepts, its unit, and what a profile changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic.fields import FieldInfo

from autocull.judge.settings import Settings
from autocull.judge.shoot_profiles import PROFILES


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """One setting: its unit ("choice" where it has none), what it accepts, its default and its meaning."""

    name: str
    unit: str
    accepts: str
    default: str
    meaning: str


def describe_settings() -> Mapping[str, SettingDescription]:
    """Return the description of every setting, by its name; the table of marks is none."""
    return {
        name: SettingDescription(
            name, _unit_of(field), describe_range(field), format_value(field.default), str(field.description)
        )
        for name, field in Settings.model_fields.items()
        if name != "marks"
    }


def list_profile_changes(profile: str) -> Mapping[str, tuple[str, str]]:
    """Return what a profile changes: by setting, the value of "balanced" and that of the profile."""
    balanced = dict(PROFILES["balanced"])
    return {
        name: (format_value(balanced[name]), format_value(value))
        for name, value in PROFILES[profile]
        if value != balanced[name]
    }


def describe_range(field: FieldInfo) -> str:
    """Return what a setting accepts: its range or its choices."""
    low = next((bound.ge for bound in field.metadata if hasattr(bound, "ge")), None)
    high = next((bound.le for bound in field.metadata if hasattr(bound, "le")), None)
    if low is not None:
        return f"{low} to {high}"
    return ", ".join(str(choice) for choice in get_args(field.annotation))


def format_value(value: Any) -> str:
    """Return a setting's value as it is written in a command or a settings file."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _unit_of(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra["unit"]) if isinstance(extra, dict) else "choice"
