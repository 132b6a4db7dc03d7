"""What `uninstall` keeps and deletes: tastes with their reports, measurements and journals."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.install.user_data import UserData, delete_user_data, list_user_data, remove_empty_folders
from autocull.paths import AppPaths
from autocull.taste import PAGE_MARK
from support.daemon_fixtures import ignore_warning


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    """Return paths of a user with two tastes, one with a report, a store and jobs."""
    data, cache = tmp_path / "share" / "autocull", tmp_path / "cache" / "autocull"
    (data / "tastes").mkdir(parents=True)
    cache.mkdir(parents=True)
    (data / "tastes" / "weddings.json").write_text('{"autocull_taste": 1}')
    (data / "tastes" / "weddings.html").write_text(f"<!-- {PAGE_MARK} --> pictures")
    (data / "tastes" / "birds.json").write_text('{"autocull_taste": 1}')
    (data / "jobs.sqlite").write_bytes(bytes(2_000_000))
    (data / "jobs.sqlite-wal").write_bytes(bytes(500_000))
    (cache / "store.sqlite").write_bytes(bytes(7_000_000))
    (data / "journals").mkdir()
    (data / "journals" / "xmp-20261129-200000.journal").write_bytes(bytes(300_000))
    settings = tmp_path / "config" / "autocull" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("eyes_reject = 0.1")
    return AppPaths(
        app_folder=tmp_path / ".autocull",
        log=data / "log",
        jobs=data / "jobs.sqlite",
        store=cache / "store.sqlite",
        tastes=data / "tastes",
        settings=settings,
        journals=data / "journals",
    )


def pick(paths: AppPaths, kind: str) -> UserData:
    """Return the data of one kind."""
    return next(each for each in list_user_data(paths) if each.kind == kind)


def test_every_kind_is_listed_with_path_size_and_option(paths: AppPaths) -> None:
    """A user who uninstalls reads what is left, how large it is, and how to delete it."""
    lines = [each.describe() for each in list_user_data(paths)]
    expected = (
        (paths.tastes, "0.0 MB", "--delete-tastes"),
        (paths.store, "7.0 MB", "--delete-cache"),
        (paths.jobs, "2.5 MB", "--delete-journals"),
        (paths.journals, "0.3 MB", "--delete-journals"),
        (paths.settings, "0.0 MB", "--delete-settings"),
    )
    assert len(lines) == len(expected)
    for line, words in zip(lines, expected, strict=True):
        assert all(str(word) in line for word in words), line


def test_nothing_is_listed_without_files(tmp_path: Path) -> None:
    """Folders that do not exist are no error."""
    none = AppPaths(
        *(tmp_path / "none" / name for name in ("a", "log", "jobs", "store", "tastes", "settings", "j"))
    )
    assert list_user_data(none) == []


def test_tastes_are_deleted_with_their_reports(paths: AppPaths) -> None:
    """The pictures of a report are deleted too, and the empty folder; the jobs stay."""
    assert len(pick(paths, "tastes").files) == 3
    assert delete_user_data(pick(paths, "tastes"), ignore_warning)
    assert not paths.tastes.exists()
    assert paths.jobs.exists()


def test_other_files_in_the_folder_of_tastes_stay(paths: AppPaths) -> None:
    """A file without the mark of a taste is left with a warning, and so is a page that is no report."""
    other = paths.tastes / "notes.json"
    other.write_text("{}")
    page = paths.tastes / "birds.html"
    page.write_text("my own page")
    photo = paths.tastes / "photo.jpg"
    photo.write_bytes(b"x")
    warnings: list[str] = []
    assert not delete_user_data(pick(paths, "tastes"), warnings.append)
    assert sorted(path.name for path in paths.tastes.iterdir()) == ["birds.html", "notes.json", "photo.jpg"]
    assert len(warnings) == 1
    assert str(other) in warnings[0]


@pytest.mark.parametrize("kind", ["measurements", "journals", "sidecar journals", "settings"])
def test_one_kind_is_deleted_alone(kind: str, paths: AppPaths) -> None:
    """The files of the other kinds stay."""
    assert delete_user_data(pick(paths, kind), ignore_warning)
    kinds = {each.kind for each in list_user_data(paths)}
    assert kinds == {"tastes", "measurements", "journals", "sidecar journals", "settings"} - {kind}


def test_folders_of_others_stay(tmp_path: Path) -> None:
    """Only an empty folder called autocull, or within one, is removed."""
    own, foreign = tmp_path / "autocull" / "tastes", tmp_path / "photos"
    own.mkdir(parents=True)
    foreign.mkdir()
    remove_empty_folders(own, own.parent, foreign)
    assert not own.parent.exists()
    assert foreign.exists()
