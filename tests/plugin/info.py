"""Lightroom's requirements of Info.lua, tagsets and translation files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

FILES = (
    "LrInitPlugin", "LrShutdownPlugin", "LrShutdownApp", "LrEnablePlugin", "LrDisablePlugin",
    "LrPluginInfoProvider", "LrMetadataProvider",
)  # fmt: skip
MENUS = ("LrLibraryMenuItems", "LrExportMenuItems", "LrHelpMenuItems")
OTHERS = (
    "LrSdkVersion", "LrSdkMinimumVersion", "LrToolkitIdentifier", "LrPluginName", "LrPluginInfoUrl",
    "LrForceInitPlugin", "LrMetadataTagsetFactory", "VERSION",
)  # fmt: skip
ITEMS = {"title", "file", "enabledWhen", "id"}
WHEN = {None, "photosAvailable", "photosSelected", "videosSelected", "anythingSelected"}
ADOBE = re.compile(r"com\.adobe\.\w+$")
LINE = re.compile(r'"\$\$\$/([^=]+)=(.*)"$')


def menu_items(info: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items of all three menus."""
    result: list[dict[str, Any]] = []
    for menu in MENUS:
        items = info.get(menu, [])
        result += [items] if isinstance(items, dict) else items
    return result


def validate(info: dict[str, Any], plugin: Path) -> dict[str, Any]:
    """Return Info.lua's table, or fail where Lightroom would not load it, or would silently ignore a part."""
    unknown = set(info) - {*FILES, *MENUS, *OTHERS}
    assert not unknown, f"Info.lua has unknown keys: {unknown}"
    for key in ("LrSdkVersion", "LrToolkitIdentifier", "LrPluginName"):
        assert key in info, f"Info.lua needs {key}"
    assert isinstance(info["LrSdkVersion"], (int, float)), "LrSdkVersion must be a number"
    identifier = info["LrToolkitIdentifier"]
    assert re.fullmatch(r"[A-Za-z][\w-]*(\.[\w-]+)+", identifier), f"not a reverse domain name: {identifier}"
    assert not identifier.startswith("com.adobe."), "com.adobe.* is reserved"
    _check_version(info.get("VERSION", {}))
    _check_files(info, plugin)
    return info


def _check_version(version: dict[str, Any]) -> None:
    for key, value in version.items():
        assert key in {"major", "minor", "revision", "build", "display"}, f"VERSION has no {key}"
        assert key == "display" or isinstance(value, int), (
            f"VERSION.{key} must be a whole number, not {value!r}"
        )


def _check_files(info: dict[str, Any], plugin: Path) -> None:
    items = menu_items(info)
    assert items or not info.get("LrForceInitPlugin"), "LrForceInitPlugin works only with a menu item"
    for item in items:
        assert set(item) <= ITEMS, f"a menu item has unknown keys: {item}"
        assert item.get("enabledWhen") in WHEN, f"enabledWhen cannot be {item['enabledWhen']!r}"
    tagsets = info.get("LrMetadataTagsetFactory", [])
    names = [info[key] for key in FILES if key in info]
    names += [tagsets] if isinstance(tagsets, str) else tagsets
    for name in [*names, *(item["file"] for item in items)]:
        assert (plugin / name).is_file(), f"Info.lua names the file {name}, which is not there"


def check_tagset(tagset: dict[str, Any], identifier: str, fields: set[str]) -> None:
    """Fail where a preset of the Metadata panel names an unknown field."""
    assert tagset["title"], "a tagset needs a title"
    assert tagset["id"], "a tagset needs an id"
    for item in tagset["items"]:
        name = item if isinstance(item, str) else item[1]
        own = name.removeprefix(identifier + ".")
        assert ADOBE.match(name) or own in fields or own == "*", f"the tagset shows an unknown field: {name}"


def translations(path: Path) -> dict[str, str]:
    """Return the texts of a TranslatedStrings file by key; fail at a line that Lightroom cannot read."""
    result: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        if not line.strip():
            continue
        match = LINE.match(line)
        assert match, f"not a line of translations: {line}"
        assert match[1] not in result, f"the key {match[1]} stands twice"
        result[match[1]] = match[2].replace('\\"', '"').replace("\\n", "\n")
    return result
