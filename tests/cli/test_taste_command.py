"""`autocull taste`: list, show, export, import, delete."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.cli import main
from autocull.taste.profile_store import PAGE_MARK, ProfileStore
from support.taste_factories import profile


@pytest.fixture
def tastes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProfileStore:
    """Return a folder of tastes that holds one, "Anna"."""
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    profiles = ProfileStore(tmp_path / "tastes")
    profiles.save(profile())
    return profiles


def run_taste(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> str:
    """Run `autocull taste` and return its output."""
    assert main(["taste", *map(str, words)]) == code
    output = capsys.readouterr()
    return output.out + output.err


def test_list_and_show(tastes: ProfileStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Names; what it was learned from, whether it acts, and the harm bound for a share."""
    assert run_taste(capsys, "list") == "Anna\n"
    text = run_taste(capsys, "show", "Anna")
    assert "learned from 1,000 decisions, 400 of them selects, in 20 shoots, on 2026-11-26" in text
    assert "It acts." in text
    assert "rejects at most 2.0% of what you would select" in text
    assert "It rejects nothing" in run_taste(capsys, "show", "Anna", "--loss", "0.001")


def test_empty_list_names_the_command_to_learn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty folder is no error."""
    assert "autocull learn" in run_taste(capsys, "--tastes", tmp_path / "none", "list")


def test_export_and_import(tastes: ProfileStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An exported taste can be imported under its name or another."""
    file = tmp_path / "carried.json"
    run_taste(capsys, "export", "Anna", file)
    run_taste(capsys, "delete", "Anna")
    run_taste(capsys, "import", file)
    run_taste(capsys, "import", file, "--name", "Berta")
    assert tastes.list_names() == ["Anna", "Berta"]
    assert tastes.load("Berta").name == "Berta"
    assert tastes.load("Anna").held_out == profile().held_out


def test_import_replaces_only_with_the_option(
    tastes: ProfileStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An existing name is refused without --replace."""
    file = tmp_path / "carried.json"
    run_taste(capsys, "export", "Anna", file)
    tastes.save(profile(acts=False))
    assert "--replace" in run_taste(capsys, "import", file, code=2)
    assert not tastes.load("Anna").acts
    run_taste(capsys, "import", file, "--replace")
    assert tastes.load("Anna").acts


def test_deleting_removes_the_report(tastes: ProfileStore, capsys: pytest.CaptureFixture[str]) -> None:
    """The report contains small pictures."""
    tastes.report_path("Anna").write_text(f'<meta name="generator" content="{PAGE_MARK}">')
    run_taste(capsys, "delete", "Anna")
    assert list(tastes.folder.iterdir()) == []


def test_other_files_are_not_deleted(tastes: ProfileStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Files of such names that are not Autocull's stay."""
    tastes.report_path("Anna").write_text("another page")
    (tastes.folder / "Other.json").write_text("{}")
    run_taste(capsys, "delete", "Anna")
    assert "was left as it is" in run_taste(capsys, "delete", "Other", code=3)
    assert sorted(path.name for path in tastes.folder.iterdir()) == ["Anna.html", "Other.json"]


@pytest.mark.parametrize(
    "words", [("show", "Berta"), ("delete", "Berta"), ("export", "Berta", "x.json"), ("show", "..")]
)
def test_unknown_taste_is_named(
    tastes: ProfileStore, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    assert words[1] in run_taste(capsys, *words, code=2)


def test_damaged_file_is_named(
    tastes: ProfileStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, with the file and the remedy."""
    tastes.profile_path("Anna").write_text("{}")
    assert "Learn it again" in run_taste(capsys, "show", "Anna", code=3)
