"""What `uninstall` keeps unless an option deletes it: tastes, measurements, journals, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autocull.errors import TasteError
from autocull.install.startup_entry import remove_file
from autocull.paths import AppPaths
from autocull.taste import ProfileStore

DataKind = Literal["tastes", "measurements", "journals", "sidecar journals", "settings"]
"""A kind of data that the user may keep or delete."""

_DESCRIPTIONS: dict[DataKind, str] = {
    "tastes": "The tastes you taught, and their reports with small pictures",
    "measurements": "The measurements of your photos",
    "journals": "The jobs and the journals of *Undo last auto-cull*",
    "sidecar journals": "The journals with which `autocull undo` takes back sidecars",
    "settings": "Your settings file",
}
_OPTIONS: dict[DataKind, str] = {
    "tastes": "--delete-tastes",
    "measurements": "--delete-cache",
    "journals": "--delete-journals",
    "sidecar journals": "--delete-journals",
    "settings": "--delete-settings",
}


@dataclass(frozen=True, slots=True)
class UserData:
    """The files of one kind; `path` is their folder, or the file after which the others are named."""

    kind: DataKind
    path: Path
    files: tuple[Path, ...]

    @property
    def size(self) -> int:
        """Return the size of all files in bytes."""
        return sum(file.lstat().st_size for file in self.files)

    def describe(self) -> str:
        """Return a line for the user: what it is, its path and size, and the option that deletes it."""
        size = f"{self.size / 1e6:,.1f} MB"
        return f"{_DESCRIPTIONS[self.kind]}: {self.path} ({size}; {_OPTIONS[self.kind]} deletes this)"


def list_user_data(paths: AppPaths) -> list[UserData]:
    """List the kinds of which there are files."""
    listed = (
        UserData("tastes", paths.tastes, tuple(_list_taste_files(paths.tastes))),
        UserData("measurements", paths.store, tuple(list_matching(paths.store))),
        UserData("journals", paths.jobs, tuple(list_matching(paths.jobs))),
        UserData("sidecar journals", paths.journals, tuple(sorted(paths.journals.glob("*.journal")))),
        UserData("settings", paths.settings, tuple(path for path in [paths.settings] if path.is_file())),
    )
    return [each for each in listed if each.files]


def delete_user_data(data: UserData, on_warning: Callable[[str], None]) -> bool:
    """Delete the files and the folders of Autocull left empty; returns False if any file was left.

    Of tastes, only files with the mark of a taste or its report are deleted; others get a warning. Raises
    DaemonError if another file cannot be removed.
    """
    folder, is_complete = data.path if data.path.is_dir() else data.path.parent, True
    if data.kind == "tastes":
        is_complete = _delete_tastes(data.path, on_warning)
    else:
        for file in data.files:
            remove_file(file)
    remove_empty_folders(folder, folder.parent)
    return is_complete


def list_matching(path: Path) -> list[Path]:
    """List one of Autocull's files and those named after it: SQLite journals, older logs, damaged ones."""
    patterns = (f"{path.name}*", f"{path.stem}-aside-*")
    return sorted({each for pattern in patterns for each in path.parent.glob(pattern)})


def remove_empty_folders(*folders: Path) -> None:
    """Remove those of the folders that are Autocull's own and empty, in this order."""
    for folder in folders:
        is_own = "autocull" in (folder.name, folder.parent.name)
        if is_own and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _list_taste_files(folder: Path) -> Iterable[Path]:
    store = ProfileStore(folder)
    for name in store.list_names():
        pair = (store.profile_path(name), store.report_path(name))
        yield from (path for path in pair if path.is_file())


def _delete_tastes(folder: Path, on_warning: Callable[[str], None]) -> bool:
    store, is_complete = ProfileStore(folder), True
    for name in store.list_names():
        try:
            store.delete(name)
        except TasteError as error:
            on_warning(error.message)
            is_complete = False
    return is_complete
