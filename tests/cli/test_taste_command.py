"""`autocull taste`: profiles are listed, shown, carried and forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.cli import main
from autocull.taste.profile_store import PAGE_MARK, ProfileStore
from support.taste_factories import profile


@pytest.fixture
def tastes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProfileStore:
    """The user's tastes: one, Anna's."""
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    made = ProfileStore(tmp_path / "tastes")
    made.save(profile())
    return made


def said(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> str:
    """Run `autocull taste`, and return what it said."""
    assert main(["taste", *map(str, words)]) == code
    out = capsys.readouterr()
    return out.out + out.err


def test_list_and_show(tastes: ProfileStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Names; what it was learned from, whether it acts, and the promise for a share."""
    assert said(capsys, "list") == "Anna\n"
    told = said(capsys, "show", "Anna")
    assert "learned from 1,000 decisions, 400 of them selects, in 20 shoots, on 2026-11-26" in told
    assert "It acts." in told
    assert "rejects at most 2.0% of what you would select" in told
    assert "It rejects nothing" in said(capsys, "show", "Anna", "--loss", "0.001")


def test_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty folder is no error."""
    assert "autocull learn" in said(capsys, "--tastes", tmp_path / "none", "list")


def test_a_taste_is_carried(tastes: ProfileStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exported, deleted, imported: the same, under its name or another."""
    file = tmp_path / "carried.json"
    said(capsys, "export", "Anna", file)
    said(capsys, "delete", "Anna")
    said(capsys, "import", file)
    said(capsys, "import", file, "--name", "Berta")
    assert tastes.list_names() == ["Anna", "Berta"]
    assert tastes.load("Berta").name == "Berta"
    assert tastes.load("Anna").held_out == profile().held_out


def test_nothing_is_replaced_by_accident(
    tastes: ProfileStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is taken is refused unless --replace says so."""
    file = tmp_path / "carried.json"
    said(capsys, "export", "Anna", file)
    tastes.save(profile(acts=False))
    assert "--replace" in said(capsys, "import", file, code=2)
    assert not tastes.load("Anna").acts
    said(capsys, "import", file, "--replace")
    assert tastes.load("Anna").acts


def test_what_is_forgotten_takes_its_report_along(
    tastes: ProfileStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page holds small pictures: it goes too."""
    tastes.report_path("Anna").write_text(f'<meta name="generator" content="{PAGE_MARK}">')
    said(capsys, "delete", "Anna")
    assert list(tastes.folder.iterdir()) == []


def test_only_tastes_and_their_pages_are_removed(
    tastes: ProfileStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder of something else may hold files of such names: they stay."""
    tastes.report_path("Anna").write_text("her own page")
    (tastes.folder / "Other.json").write_text("{}")
    said(capsys, "delete", "Anna")
    assert "was left as it is" in said(capsys, "delete", "Other", code=3)
    assert sorted(path.name for path in tastes.folder.iterdir()) == ["Anna.html", "Other.json"]


@pytest.mark.parametrize(
    "words", [("show", "Berta"), ("delete", "Berta"), ("export", "Berta", "x.json"), ("show", "..")]
)
def test_an_unknown_taste_is_named(
    tastes: ProfileStore, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    assert words[1] in said(capsys, *words, code=2)


def test_a_damaged_file_is_named(
    tastes: ProfileStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, the file and what is wrong with it."""
    tastes.profile_path("Anna").write_text("{}")
    assert "Learn it again" in said(capsys, "show", "Anna", code=3)
