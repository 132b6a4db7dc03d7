"""Builders for runs of the plug-in: photos in the stand-in's catalog, and actions of a photographer.

Import with `from plugin.shoots import ...`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugin.catalog import Photo
from plugin.dialogs import Dialog
from plugin.fake_daemon import verdict
from plugin.host import Host

HOUR = 3600.0
KEPT = (3, "green", 1)
REJECTED = (None, "red", -1)
DOUBTED = (None, "yellow", 0)
UNMARKED = (None, "none", 0)


def shoot(host: Host, folder: Path, count: int, **facts: Any) -> list[Photo]:
    """Put `count` photos into the catalog, with files that are there, and select them."""
    first = len(host.catalog.photos) + 1
    photos = [host.catalog.add_photo(file(folder, first + number), **facts) for number in range(count)]
    host.select(photos)
    return photos


def file(folder: Path, number: int, suffix: str = "JPG") -> Path:
    """A file of the shoot, which exists but has no valid content."""
    path = folder / f"IMG_{number:04}.{suffix}"
    path.write_bytes(b"photo")
    return path


def menu(host: Host, title: str) -> None:
    """Choose a menu item and run it to its end."""
    host.menu(title)
    host.run(at_most_s=HOUR)


def cull(host: Host) -> Dialog:
    """Choose *Auto-cull selection*, and return its report, or the dialog that shows why there is none."""
    bezels = len(host.bezels)
    menu(host, "Auto-cull selection")
    return last_report(host) if len(host.bezels) > bezels else host.dialogs[-1]


def last_report(host: Host) -> Dialog:
    """Choose *Show last report* and return the dialog."""
    menu(host, "Letzten Bericht zeigen" if host.language == "de" else "Show last report")
    return host.dialogs[-1]


def by_number(rejects: int = 0, doubts: int = 0) -> Any:
    """A judge: of each ten photos the first `rejects` are rejected, and the next `doubts` left open."""

    def judge(photo: dict[str, Any]) -> dict[str, Any]:
        digit = int(Path(photo["path"]).stem[-4:]) % 10
        return verdict("reject" if digit < rejects else "cannot_tell" if digit < rejects + doubts else "keep")

    return judge


def choose(host: Host, **settings: Any) -> None:
    """Set settings as the dialog does."""
    for name, value in settings.items():
        host.lua_task(f"assert(require('Settings').set('{name}', {_literal(value)}))")


def _literal(value: Any) -> str:
    """The Lua for a plain value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(_literal, value)) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}'" if isinstance(value, str) else str(value)
