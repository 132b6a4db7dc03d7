"""Markdown tables of the settings, profiles, marks, criteria and reason codes, for docs/settings.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic.fields import FieldInfo

from autocull.judge.criteria import CRITERIA
from autocull.judge.criterion import ReasonText
from autocull.judge.settings import DEFAULT_MARKS, MarkRow, Settings
from autocull.judge.shoot_profiles import PROFILES
from autocull.judge.texts.reasons import REASON_TEXTS


def settings_table() -> str:
    """Return every setting but the marks: name, unit, accepted values, default, meaning."""
    fields = ((name, field) for name, field in Settings.model_fields.items() if name != "marks")
    rows = (
        (
            f"`{name}`",
            _unit_of(field),
            describe_range(field),
            _format_value(field.default),
            str(field.description),
        )
        for name, field in fields
    )
    return _format_table(("Setting", "Unit", "Accepts", "Default", "Meaning"), rows)


def profiles_table() -> str:
    """Return the changes of each profile against "balanced"."""
    balanced = dict(PROFILES["balanced"])
    rows = (
        (f"`{profile}`", f"`{name}`", _format_value(balanced[name]), _format_value(value))
        for profile, settings in PROFILES.items()
        for name, value in settings
        if value != balanced[name]
    )
    return _format_table(("Profile", "Setting", "Balanced", "In this profile"), rows)


def marks_table() -> str:
    """Return the default marks."""
    rows = ([_format_value(value) for _, value in row] for row in DEFAULT_MARKS)
    return _format_table([name.capitalize() for name in MarkRow.model_fields], rows)


def reasons_table() -> str:
    """Return every reason code: its name, whether it rejects, and what the photographer can do."""
    rows = (
        (f"`{code}`", reason_text.name, _verdict_of(reason_text), reason_text.advice)
        for code, reason_text in REASON_TEXTS.items()
    )
    return _format_table(("Code", "Name", "Verdict", "What to do"), rows)


def criteria_table() -> str:
    """Return every criterion: settings, reason codes, and folder when photos are sorted by defect."""
    rows = (
        (
            criterion.title,
            ", ".join(f"`{name}`" for name in criterion.setting_names()),
            f"`{criterion.reject_code}`" if criterion.reject_code else "-",
            f"`{criterion.doubt_code}`",
            f"`{criterion.folder}`" if criterion.folder else "-",
        )
        for criterion in CRITERIA
    )
    return _format_table(("Criterion", "Settings", "Rejects with", "Doubts with", "Folder"), rows)


TABLES = (criteria_table, settings_table, profiles_table, marks_table, reasons_table)
"""All tables, as functions that return them."""


def _verdict_of(reason_text: ReasonText) -> str:
    return "rejects" if reason_text.rejects else "keeps" if reason_text.keeps else "cannot tell"


def describe_range(field: FieldInfo) -> str:
    """Return what a setting accepts: its range or its choices."""
    low = next((bound.ge for bound in field.metadata if hasattr(bound, "ge")), None)
    high = next((bound.le for bound in field.metadata if hasattr(bound, "le")), None)
    if low is not None:
        return f"{low} to {high}"
    return ", ".join(str(choice) for choice in get_args(field.annotation))


def _unit_of(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra["unit"]) if isinstance(extra, dict) else "choice"


def _format_value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
