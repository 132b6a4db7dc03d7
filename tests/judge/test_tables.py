"""The tables of docs/settings.md are made from the code, and up to date."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from autocull.judge import PROFILES, REASON_TEXTS, Settings, load_settings
from autocull.judge.tables import marks_table, profiles_table, reasons_table, settings_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


@pytest.mark.parametrize("table", [settings_table, profiles_table, marks_table, reasons_table])
def test_the_page_holds_each_table(table: Callable[[], str]) -> None:
    """The page shows settings, profiles, marks and codes as they are; the failure shows what to put in."""
    expected = table()
    assert expected in PAGE.read_text("utf-8"), f"{PAGE.name} is out of date, put in:\n{expected}"


def test_every_setting_profile_and_code_has_its_row() -> None:
    """No setting, no code and no profile but the default one is left out of its table."""
    first = {
        name: set(re.findall(r"^\| `(\w+)`", table(), re.MULTILINE))
        for name, table in (("set", settings_table), ("profile", profiles_table), ("code", reasons_table))
    }
    assert first["set"] == set(Settings.model_fields) - {"marks"}
    assert first["profile"] == set(PROFILES) - {"balanced"}
    assert first["code"] == set(REASON_TEXTS)


def test_rows_are_as_wide_as_their_head() -> None:
    """No text breaks its table."""
    for table in (settings_table(), profiles_table(), marks_table(), reasons_table()):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_a_row_says_unit_range_and_default() -> None:
    """Numbers show their unit and range, choices what can be chosen."""
    table = settings_table()
    assert "| `eyes_reject` | share | 0 to 1 | 0.12 | Reject where" in table
    assert "| `eyes_trust` | choice | ignore, doubt, reject | reject |" in table
    assert "| `eyes_group` | faces | 1 to 1000 | 5 |" in table


def test_the_example_file_is_accepted(tmp_path: Path) -> None:
    """The settings file that the page shows loads, and changes something."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert {"profile", "marks"} <= set(tomllib.loads(example))
    file = tmp_path / "example.toml"
    file.write_text(example, "utf-8")
    assert load_settings(file=file) not in PROFILES.values()
