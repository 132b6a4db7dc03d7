"""The strictness: which documented limits a step moves, and how far."""

from __future__ import annotations

import re
from typing import Any

import pytest

from autocull.judge import PROFILES, Settings, load_settings
from autocull.serve.routes.settings import describe_choices
from plugin.literal_files import ROOT, english
from plugin.pure import Modules, read

MODULES = Modules()
STRICTNESS = MODULES["Strictness"]
LISTED = describe_choices()["settings"]
GUIDE = (ROOT / "docs/lightroom.md").read_text("utf-8")


def changes(profile: str, step: int) -> dict[str, float]:
    """The settings that a job gets."""
    result = read(STRICTNESS.changes(MODULES.table(LISTED), profile.encode(), step))
    assert isinstance(result, dict)
    return result


def test_middle_step_sends_nothing() -> None:
    """The limits of the profile apply."""
    assert changes("balanced", 0) == {}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("step", [-2, -1, 1, 2])
def test_daemon_accepts_every_step(profile: str, step: int) -> None:
    """Of every profile, without a message."""
    moved = changes(profile, step)
    assert set(moved) <= set(Settings.model_fields)
    settings = load_settings(profile, None, dict(moved), strict=True)
    assert {name: getattr(settings, name) for name in moved} == moved


@pytest.mark.parametrize("profile", PROFILES)
def test_stricter_step_rejects_at_least_as_much(profile: str) -> None:
    """Limits up to which a photo is rejected rise; those from which it is rejected, and the margin, fall."""
    steps = [changes(profile, -2), changes(profile, -1), dict(PROFILES[profile]), changes(profile, 1)]
    steps.append(changes(profile, 2))
    for name in steps[0]:
        values = [step[name] for step in steps]
        rising = name in ("eyes_reject", "focus_reject")
        assert values == sorted(values, reverse=not rising), name
        assert len(set(values)) == 5, name


def test_guide_lists_the_moved_limits() -> None:
    """Each row of the table is a setting with its values for the steps of the profile balanced."""
    rows: dict[str, list[float]] = {}
    for line in GUIDE.split("| Moved limit |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]:
        name, *values = (cell.strip(" `") for cell in line.strip("|").split("|"))
        rows[name] = [float(value) for value in values]
    balanced: dict[str, Any] = dict(PROFILES["balanced"])
    steps = [changes("balanced", -2), changes("balanced", -1), balanced]
    steps += [changes("balanced", 1), changes("balanced", 2)]
    assert rows == {name: [step[name] for step in steps] for name in steps[0]}
    assert re.search(r"a quarter", GUIDE)


def test_page_of_the_settings_names_the_moved_limits() -> None:
    """And how many verdicts each step changes: its rows add up to the same number of photos."""
    section = (ROOT / "docs/settings.md").read_text("utf-8").split("## Strictness in Lightroom\n", 1)[1]
    section = section.split("\n## ", 1)[0]
    assert set(changes("balanced", 1)) == set(re.findall(r"`(\w+_reject|series_margin)`", section))
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")][2:]
    words = [row[0] for row in rows]
    steps = [text for key, text in english("JudgingControls.lua").items() if "/Strictness/" in key]
    assert words == steps
    assert {sum(int(cell) for cell in row[1:4]) for row in rows} == {671}
