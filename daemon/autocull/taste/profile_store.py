"""Files of profiles: one small JSON file each in the user's data folder, without pixels and paths."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autocull.arrays import Floats
from autocull.atomic_write import atomic_write
from autocull.errors import SettingsError, TasteError
from autocull.taste.features import NAMES
from autocull.taste.heads import Heads
from autocull.taste.profile import Calibration, Origin, Profile

VERSION = 1
"""Version of the file format."""

SUFFIX = ".json"
PAGE_MARK = "autocull learn"
"""Name of the generator in every report about a taste: what marks a page as one."""

_MARK = b'"autocull_taste"'
_MAX_BYTES = 16 * 2**20
"""Largest size of a file that is read as a profile; real ones have some kilobytes."""

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,38}[\w])?")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0)]


class _Array(BaseModel):
    """An array of float32: its shape, and its little-endian bytes in base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: tuple[_Count, ...]
    data: str

    @classmethod
    def from_array(cls, array: Floats) -> _Array:
        return cls(shape=array.shape, data=base64.b64encode(array.astype("<f4").tobytes()).decode("ascii"))

    def to_array(self) -> Floats:
        flat = np.frombuffer(base64.b64decode(self.data, validate=True), dtype="<f4")
        if not np.isfinite(flat).all():
            raise ValueError("a weight is not a number")
        return flat.reshape(self.shape).astype(np.float32)


class _Calibration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    slope: _Number
    offset: _Number


class _Origin(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    learned: str
    decisions: _Count
    selects: _Count
    shoots: _Count
    models: dict[str, str]


class _ProfileFile(BaseModel):
    """Content of a profile's file; unknown fields and invalid numbers are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    autocull_taste: Literal[1]
    name: str
    features: tuple[str, ...]
    heads: dict[str, _Array]
    calibration: _Calibration
    held_out: tuple[tuple[_Share, ...], ...]
    acts: bool
    figures: dict[str, _Number]
    origin: _Origin


@dataclass(frozen=True, slots=True)
class ProfileStore:
    """Profiles in one folder, by name."""

    folder: Path

    def list_names(self) -> list[str]:
        """List the names of the profiles, in order; none if there is no folder."""
        return sorted(path.stem for path in self.folder.glob(f"*{SUFFIX}") if _is_name(path.stem))

    def load(self, name: str) -> Profile:
        """Return the profile; raises SettingsError if there is none, TasteError if it is damaged."""
        path = self.profile_path(name)
        if not path.is_file():
            existing = ", ".join(self.list_names()) or "none so far; learn one with `autocull learn`"
            message = f"There is no taste called {name!r}. There are: {existing}."
            raise SettingsError(message, parameters={"reason": "unknown_taste", "taste": name})
        return read_profile(path)

    def save(self, profile: Profile) -> Path:
        """Write the profile and replace one of the same name; raises TasteError if it cannot be written."""
        path = self.profile_path(profile.name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_profile(profile, path)
        except OSError as error:
            raise TasteError(f"The taste {path} cannot be written: {error.strerror}.") from error
        return path

    def delete(self, name: str) -> None:
        """Delete a profile and its report; raises SettingsError if there is none.

        Raises TasteError, and deletes nothing, if the file is not a taste; a page that is not a report stays.
        """
        path, report = self.profile_path(name), self.report_path(name)
        try:
            if _MARK not in path.read_bytes():
                raise TasteError(f"{path} is not a taste and was left as it is.")
            path.unlink()
            if report.is_file() and PAGE_MARK.encode() in report.read_bytes():
                report.unlink()
        except FileNotFoundError:
            raise SettingsError(f"There is no taste called {name!r}.") from None
        except OSError as error:
            raise TasteError(f"The taste {path} cannot be deleted: {error.strerror}.") from error

    def report_path(self, name: str) -> Path:
        """Return the path of a profile's report; it holds small pictures, and stays on this machine."""
        return self.profile_path(name).with_suffix(".html")

    def profile_path(self, name: str) -> Path:
        """Return the path of a profile's file; raises SettingsError for an invalid name."""
        return self.folder / f"{validate_name(name)}{SUFFIX}"


def validate_name(name: str) -> str:
    """Return a profile's name in the form of file names (NFC); raises SettingsError for an invalid one."""
    normalised = unicodedata.normalize("NFC", name)
    if not _is_name(normalised):
        raise SettingsError(
            f"{name!r} cannot be the name of a taste: use 1 to 40 letters and digits, with spaces, "
            "dots, - and _ between them."
        )
    return normalised


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not _RESERVED.fullmatch(name)


def write_profile(profile: Profile, path: Path) -> None:
    """Write a profile to `path` atomically; raises OSError."""
    with atomic_write(path) as file:
        file.write(json.dumps(_to_dict(profile), indent=1, ensure_ascii=False).encode() + b"\n")


def read_profile(path: Path) -> Profile:
    """Read a profile; raises TasteError, naming the field, if this version cannot use the file."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise TasteError(f"{path} is too large for a taste; check what it is.")
        raw = path.read_bytes()
    except OSError as error:
        raise TasteError(f"The taste {path} cannot be read: {error.strerror}.") from error
    try:
        return _to_profile(_ProfileFile.model_validate_json(raw))
    except ValidationError as error:
        first = error.errors()[0]
        location = ".".join(map(str, first["loc"])) or "the file"
        raise _unusable_error(path, f"{location}: {first['msg']}") from error
    except ValueError as error:
        raise _unusable_error(path, str(error)) from error


def _unusable_error(path: Path, reason: str) -> TasteError:
    message = f"This version of Autocull cannot use the taste {path} ({reason}). Learn it again."
    return TasteError(message, parameters={"reason": "damaged_taste", "taste": path.stem})


def _to_dict(profile: Profile) -> dict[str, Any]:
    return _ProfileFile(
        autocull_taste=VERSION,
        name=profile.name,
        features=NAMES,
        heads={each.name: _Array.from_array(getattr(profile.heads, each.name)) for each in fields(Heads)},
        calibration=_Calibration(**asdict(profile.calibration)),
        held_out=profile.held_out,
        acts=profile.acts,
        figures=dict(profile.metrics),
        origin=_Origin.model_validate(_origin_fields(profile.origin)),
    ).model_dump(mode="json")


def _origin_fields(origin: Origin) -> Mapping[str, Any]:
    return {each.name: getattr(origin, each.name) for each in fields(Origin)}


def _to_profile(content: _ProfileFile) -> Profile:
    if content.features != NAMES:
        raise ValueError("features: they differ from those of this version")
    if set(content.heads) != {each.name for each in fields(Heads)}:
        raise ValueError("heads: some arrays are missing or unknown")
    heads = Heads(**{name: array.to_array() for name, array in content.heads.items()})
    if len(heads.mean) != len(NAMES):
        raise ValueError("heads: their number of features differs")
    return Profile(
        name=validate_name(content.name),
        heads=heads,
        calibration=Calibration(content.calibration.slope, content.calibration.offset),
        held_out=content.held_out,
        acts=content.acts,
        metrics=content.figures,
        origin=Origin(**content.origin.model_dump()),
    )
