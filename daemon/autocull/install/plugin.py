"""Copies the plug-in into Lightroom's folder, and removes it."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

from autocull.atomic_write import temporary_path
from autocull.errors import DaemonError
from autocull.paths import PLUGIN_ID, packaged_folder

FOLDER_NAME = "autocull.lrplugin"
_INFO = "Info.lua"


def find_plugin_source() -> Path:
    """Return the plug-in's folder: inside an installed package, or at the top of a checkout."""
    return packaged_folder("_plugin", "lightroom_plugin.lrdevplugin")


def is_current(source: Path, target: Path) -> bool:
    """Return whether `target` holds the same files as `source`."""
    names = _list_names(source)
    if names != _list_names(target):
        return False
    _, different, unreadable = filecmp.cmpfiles(source, target, names, shallow=False)
    return bool(names) and not different and not unreadable


def is_autocull_plugin(folder: Path) -> bool:
    """Return whether a folder is Autocull's plug-in, of any version: its Info.lua has the identifier."""
    try:
        return PLUGIN_ID in (folder / _INFO).read_text("utf-8", "replace")
    except OSError:
        return False


def install(source: Path, target: Path) -> bool:
    """Replace `target` by a copy of the plug-in, with two renames; returns False if it is current already.

    Raises DaemonError if `target` is something else, or cannot be written.
    """
    if not is_autocull_plugin(source):
        raise DaemonError(
            f"The plug-in is missing from this installation ({source}). Install Autocull again."
        )
    if is_current(source, target):
        return False
    if target.exists() and not is_autocull_plugin(target):
        raise DaemonError(f"{target} is not Autocull's plug-in. Move it away, then install again.")
    fresh, old = temporary_path(target), temporary_path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, fresh, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except OSError as error:
        if old.exists() and not target.exists():
            old.rename(target)
        message = f"The plug-in cannot be copied to {target.parent} ({error.strerror or error})."
        raise DaemonError(f"{message} Quit Lightroom and check the folder's permissions.") from error
    finally:
        remove(fresh)
        remove(old)
    return True


def remove(folder: Path) -> bool:
    """Remove a folder if it is Autocull's plug-in; returns whether it was. Raises DaemonError."""
    if not is_autocull_plugin(folder):
        return False
    try:
        shutil.rmtree(folder)
    except OSError as error:
        message = f"{folder} cannot be removed ({error.strerror or error}). Quit Lightroom, then try again."
        raise DaemonError(message) from error
    return True


def _list_names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder) for path in paths)
    return sorted(str(name) for name in names if not any(part.startswith((".", "__")) for part in name.parts))
