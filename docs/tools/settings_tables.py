"""Markdown tables of the settings, profiles, marks, criteria and reason codes, for docs/settings.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autocull.judge.criteria import CRITERIA
from autocull.judge.criterion import ReasonText
from autocull.judge.settings import DEFAULT_MARKS, MarkRow
from autocull.judge.shoot_profiles import PROFILES
from autocull.judge.texts.reasons import REASON_TEXTS
from autocull.judge.texts.settings import describe_settings, format_value, list_profile_changes


def settings_table() -> str:
    """Return every setting but the marks: name, unit, accepted values, default, meaning."""
    rows = (
        (f"`{each.name}`", each.unit, each.accepts, each.default, each.meaning)
        for each in describe_settings().values()
    )
    return _format_table(("Setting", "Unit", "Accepts", "Default", "Meaning"), rows)


def profiles_table() -> str:
    """Return the changes of each profile against "balanced"."""
    rows = (
        (f"`{profile}`", f"`{name}`", *values)
        for profile in PROFILES
        for name, values in list_profile_changes(profile).items()
    )
    return _format_table(("Profile", "Setting", "Balanced", "In this profile"), rows)


def marks_table() -> str:
    """Return the default marks."""
    rows = ([format_value(value) for _, value in row] for row in DEFAULT_MARKS)
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


def _format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
