"""The generated parts of documents and schemas are up to date, and their tables are complete."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from autocull.judge import PROFILES, REASON_TEXTS, Settings, load_settings
from autocull.judge.criteria import CRITERIA
from generate import FILES, fill_openapi, fill_settings_page, main
from settings_tables import TABLES, criteria_table, profiles_table, reasons_table, settings_table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "settings.md"


@pytest.mark.parametrize("name", FILES)
def test_generated_parts_are_up_to_date(name: str) -> None:
    """Writing the file again changes nothing; else run `python docs/tools/generate.py`."""
    text = (ROOT / name).read_text("utf-8")
    assert FILES[name](text) == text


def test_outdated_parts_are_written_anew(tmp_path: Path) -> None:
    """A changed row, label and setting are put right, and the rest of the file stays."""
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / name).read_text("utf-8")
        outdated = re.sub(
            r'["\x27]lens_flare["\x27],?|lens_flare = |[^|\n"]*lens.flare[^|\n"]*(?=[|"])', "", text
        )
        path.write_text(outdated, "utf-8")
        assert outdated != text
    main(tmp_path)
    for name in FILES:
        assert (tmp_path / name).read_text("utf-8") == (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize(("fill", "text"), [(fill_settings_page, "# Settings\n"), (fill_openapi, "{}\n")])
def test_a_file_without_the_generated_part_is_refused(fill: Callable[[str], str], text: str) -> None:
    """A part that is not found is not silently left out."""
    with pytest.raises(ValueError, match="0 "):
        fill(text)


def test_every_setting_profile_code_and_criterion_has_its_row() -> None:
    """No setting, code, criterion and no profile but the default one is left out of its table."""
    setting, profile, code = (
        set(re.findall(r"^\| `(\w+)`", table(), re.MULTILINE))
        for table in (settings_table, profiles_table, reasons_table)
    )
    assert setting == set(Settings.model_fields) - {"marks"}
    assert profile == set(PROFILES) - {"balanced"}
    assert code == set(REASON_TEXTS)
    titles = re.findall(r"^\| ([A-Z][a-z ]+) \| `", criteria_table(), re.MULTILINE)
    assert titles == [criterion.title for criterion in CRITERIA]


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_as_wide_as_their_head(table: Callable[[], str]) -> None:
    """No text breaks its table."""
    assert len({line.count("|") for line in table().splitlines()}) == 1


def test_a_row_has_unit_range_and_default() -> None:
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
