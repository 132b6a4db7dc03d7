"""The settings, profiles, marks and reason codes as Markdown tables, so that no document is written twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic.fields import FieldInfo

from autocull.judge.category_presets import PROFILES
from autocull.judge.settings import DEFAULT_MARKS, MarkRow, Settings
from autocull.judge.texts.reasons import WORDS, Word


def settings_table() -> str:
    """Every setting but the marks: name, unit, what it accepts, default, meaning."""
    fields = ((name, field) for name, field in Settings.model_fields.items() if name != "marks")
    rows = (
        (f"`{name}`", _unit(field), accepts(field), _plain(field.default), str(field.description))
        for name, field in fields
    )
    return _table(("Setting", "Unit", "Accepts", "Default", "Meaning"), rows)


def profiles_table() -> str:
    """What each profile changes against "balanced"."""
    balanced = dict(PROFILES["balanced"])
    rows = (
        (f"`{profile}`", f"`{name}`", _plain(balanced[name]), _plain(value))
        for profile, settings in PROFILES.items()
        for name, value in settings
        if value != balanced[name]
    )
    return _table(("Profile", "Setting", "Balanced", "Here"), rows)


def marks_table() -> str:
    """The marks until the photographer says otherwise."""
    rows = ([_plain(value) for _, value in row] for row in DEFAULT_MARKS)
    return _table([name.capitalize() for name in MarkRow.model_fields], rows)


def reasons_table() -> str:
    """Every reason code: its name, whether it rejects, and what the photographer can do."""
    rows = ((f"`{code}`", word.name, _verdict(word), word.advice) for code, word in WORDS.items())
    return _table(("Code", "Name", "Verdict", "What to do"), rows)


def _verdict(word: Word) -> str:
    return "rejects" if word.rejects else "keeps" if word.keeps else "cannot tell"


def accepts(field: FieldInfo) -> str:
    """What a setting accepts, in words: its range, or its choices."""
    low = next((bound.ge for bound in field.metadata if hasattr(bound, "ge")), None)
    high = next((bound.le for bound in field.metadata if hasattr(bound, "le")), None)
    if low is not None:
        return f"{low} to {high}"
    return ", ".join(str(choice) for choice in get_args(field.annotation))


def _unit(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra["unit"]) if isinstance(extra, dict) else "choice"


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
