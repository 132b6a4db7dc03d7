"""The stand-in's catalog for tests: photos are added, marked by the user, and inspected."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plugin.bridge import Bridge, out, text

START_2001 = datetime(2001, 1, 1, tzinfo=UTC)
FORMATS = {
    "jpg": "JPG", "jpeg": "JPG", "dng": "DNG", "psd": "PSD", "psb": "PSB", "tif": "TIFF", "tiff": "TIFF",
    "png": "PNG", "mov": "VIDEO", "mp4": "VIDEO", "heic": "HEIC",
}  # fmt: skip


def seconds(moment: str) -> float:
    """Return an ISO 8601 time in UTC as seconds since 2001, as the SDK counts."""
    return (datetime.fromisoformat(moment).replace(tzinfo=UTC) - START_2001).total_seconds()


class Photo:
    """One photo. Setting a mark is an action of the user, and sets the edit date as Lightroom does."""

    def __init__(self, catalog: Catalog, record: Any) -> None:
        self._catalog = catalog
        self._record = record

    def __repr__(self) -> str:
        return f"Photo({self.path!r})"

    @property
    def object(self) -> Any:
        """The LrPhoto, for Lua."""
        return self._record.object

    @property
    def uuid(self) -> str:
        """The persistent identifier."""
        return text(self._record.uuid)

    @property
    def id(self) -> int:
        """The local identifier."""
        return int(self._record.id)

    @property
    def path(self) -> str:
        """Where the file is, or was."""
        return text(self._record.path)

    @property
    def rating(self) -> int | None:
        """The stars, 1 to 5, or None."""
        return self._record.rating

    @rating.setter
    def rating(self, stars: int | None) -> None:
        self._mark("rating", stars)

    @property
    def label(self) -> str:
        """The colour of the label, "none", or the text of a custom label."""
        words = text(self._record.label)
        colour = next((each for each, name in self._catalog.label_set.items() if name == words), None)
        return colour or words or "none"

    @label.setter
    def label(self, colour: str) -> None:
        self._mark("label", self._catalog.label_text(colour))

    @property
    def flag(self) -> int:
        """1 picked, 0 none, -1 rejected."""
        return int(self._record.pickStatus)

    @flag.setter
    def flag(self, value: int) -> None:
        self._mark("pickStatus", value)

    def _mark(self, name: str, value: Any) -> None:
        self._record[name] = self._catalog.bridge.into(value)
        self._record.touched = self._catalog.lua_host.date()
        self._catalog.lua_host.userInput = True

    @property
    def marks(self) -> tuple[int | None, str, int]:
        """Stars, label and flag."""
        return self.rating, self.label, self.flag

    @property
    def properties(self) -> dict[str, str]:
        """All values of custom fields that are set."""
        return dict(out(self._record.fields) or {})

    @property
    def keywords(self) -> list[str]:
        """The keywords, each with its parents: "Autocull/People"."""
        return [_path(each) for each in self._record.keywords.values()]

    @property
    def title(self) -> str | None:
        """The title in the metadata."""
        return text(self._record.formatted.title)

    def vanish(self) -> None:
        """Let the user remove the photo from the catalog."""
        self._record.vanished = True

    def lose_file(self) -> None:
        """Let the file go missing (a drive that was unplugged)."""
        self._catalog.files[self.path] = False
        self._record.present = False

    def find_file(self) -> None:
        """Let the file be there again."""
        self._catalog.files[self.path] = True
        self._record.present = True

    def fail_write(self, message: str, times: int = 1) -> None:
        """Let the next `times` writes to the photo raise `message`."""
        for _ in range(times):
            self._record.faults[len(self._record.faults) + 1] = self._catalog.bridge.into(message)

    # The last of the class, since its name hides the decorator's.
    def property(self, name: str) -> str | None:
        """Return the value of a custom field of the plug-in."""
        return text(self._record.fields[name])


def _path(record: Any) -> str:
    """Return the name of a keyword or a collection with those above it."""
    above = record.parent
    return f"{_path(above)}/{text(record.name)}" if above else text(record.name)


class Catalog:
    """The photos, the collections and the keywords of one catalog."""

    def __init__(self, bridge: Bridge, lua_host: Any) -> None:
        self.bridge = bridge
        self.lua_host = lua_host
        self.photos: list[Photo] = []
        self.files: dict[str, bool] = {}

    def add_photo(
        self,
        path: str | Path,
        *,
        rating: int | None = None,
        label: str = "none",
        flag: int = 0,
        captured: str | None = "2026-05-01T10:00:00",
        touched: str | None = None,
        exists: bool = True,
        uuid: str | None = None,
        copy_of: Photo | None = None,
        thumbnail: bytes | None = None,
        **metadata: Any,
    ) -> Photo:
        """Add a photo as an import does now, with marks and any raw or formatted metadata by its SDK key.

        `captured` and `touched` (the edit date: by default now) are ISO 8601 in UTC. `exists` says what the
        host believes of the file, whether it is really there or not. A key that is raw as well as formatted
        is formatted where its value is a text. Raises TypeError for a key that SDK 14 does not have.
        """
        location = str(path)
        self.files[location] = exists
        raw, formatted = self._sorted(metadata)
        kind = FORMATS.get(Path(location).suffix.lower().removeprefix("."), "RAW")
        raw = {"fileFormat": kind, "isVideo": kind == "VIDEO"} | raw
        record = self.bridge.into(
            {
                "id": self.lua_host.nextId(True),
                "uuid": uuid
                or str(uuids.uuid5(uuids.NAMESPACE_URL, f"{len(self.photos)} {location}")).upper(),
                "path": location,
                "rating": rating,
                "pickStatus": flag,
                "label": self.label_text(label),
                "captured": seconds(captured) if captured else None,
                "touched": seconds(touched) if touched else self.lua_host.date(),
                "present": exists,
                "thumbnail": thumbnail,
                "raw": raw,
                "formatted": formatted,
                "fields": {},
                "keywords": [],
                "faults": [],
            }
        )
        return self._add(record, copy_of)

    def _add(self, record: Any, copy_of: Photo | None) -> Photo:
        photo = Photo(self, record)
        if copy_of:
            record.master = copy_of._record
            copies = copy_of._record.copies or self.bridge.into([])
            copies[len(copies) + 1] = record
            copy_of._record.copies = copies
        self.lua_host.newPhoto(record)
        self.lua_host.photos[len(self.photos) + 1] = record
        self.lua_host.byUuid[self.bridge.into(photo.uuid)] = record
        self.photos.append(photo)
        return photo

    def _sorted(self, metadata: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        raw: dict[str, Any] = {}
        formatted: dict[str, Any] = {}
        for key, value in metadata.items():
            is_raw, is_formatted = self.lua_host.RAW_KEYS[key], self.lua_host.FORMATTED_KEYS[key]
            if not is_raw and not is_formatted:
                raise TypeError(f"SDK 14 has no metadata key {key!r}")
            goes_to_raw = is_raw and not (is_formatted and isinstance(value, str))
            (raw if goes_to_raw else formatted)[key] = value
        return raw, formatted

    def size(self, count: int, *, scan: bool = False) -> None:
        """Add `count` old photos to the catalog, which no query may return or read.

        They exist by number alone, and cost nothing. With `scan` getAllPhotos hands them out all the same.
        """
        self.lua_host.background = count
        self.lua_host.knobs.scan = scan
        self.lua_host.lastId = max(self.lua_host.lastId, count)
        self.lua_host.lastPhotoId = max(self.lua_host.lastPhotoId, count)

    def hold_gate(self, seconds: float) -> None:
        """Let another part of Lightroom hold the catalog for some seconds from now."""
        self.lua_host.hold(seconds)

    def stack(self, photos: Sequence[Photo], *, collapsed: bool = True) -> None:
        """Let the user (or the import) stack these photos; the first is the top."""
        members = self.bridge.lua.table_from([photo._record for photo in photos])
        stack = self.bridge.lua.table_from({b"members": members, b"collapsed": collapsed})
        for photo in photos:
            photo._record.stack = stack

    def previous_import(self, photos: Iterable[Photo]) -> None:
        """Let *Previous Import* show these photos."""
        self.lua_host.previousImport = self.bridge.lua.table_from([photo._record for photo in photos])

    @property
    def label_set(self) -> dict[str, str]:
        """The label texts of the five colours."""
        return dict(out(self.lua_host.labelSet))

    @label_set.setter
    def label_set(self, texts: dict[str, str]) -> None:
        for colour, words in texts.items():
            self.lua_host.labelSet[colour] = self.bridge.into(words)

    def label_text(self, colour: str) -> str:
        """Return the label's text for a colour, "none", or a text of the user's own."""
        return "" if colour == "none" else self.label_set.get(colour, colour)

    @property
    def collections(self) -> dict[str, list[Photo]]:
        """The photos of each collection by its name with the sets around it: "Autocull/Keep"."""
        result = [each for each in self.lua_host.collections.values() if each.photos]
        return {_path(each): self._members(each) for each in result}

    @property
    def collection_sets(self) -> list[str]:
        """The names of the collection sets, each with the sets around it."""
        return [_path(each) for each in self.lua_host.collections.values() if not each.photos]

    def _members(self, collection: Any) -> list[Photo]:
        return [photo for photo in self.photos if collection.photos[photo._record]]

    @property
    def keywords(self) -> list[str]:
        """The keywords, each with its parents."""
        return [_path(each) for each in self.lua_host.keywords.values()]

    @property
    def properties(self) -> dict[str, Any]:
        """What the plug-in keeps in the catalog itself."""
        return dict(out(self.lua_host.properties) or {})
