"""Profiles on the disk: one small JSON file each, without pixels and paths, in the user's data folder."""

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
SUFFIX = ".json"
PAGE_MARK = "autocull learn"
"""Stands in every page about a taste, as what made it."""

_MARK = b'"autocull_taste"'
_MAX_BYTES = 16 * 2**20
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
    """What stands in the file; other fields, and numbers that no profile can have, are refused."""

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
    """The profiles in one folder, by name."""

    folder: Path

    def list_names(self) -> list[str]:
        """List the profiles by name; none where there is no folder."""
        return sorted(path.stem for path in self.folder.glob(f"*{SUFFIX}") if _is_name(path.stem))

    def load(self, name: str) -> Profile:
        """Return the profile; raises SettingsError where there is none, TasteError where it is damaged."""
        path = self.profile_path(name)
        if not path.is_file():
            existing = ", ".join(self.list_names()) or "none so far; learn one with `autocull learn`"
            raise SettingsError(f"There is no taste called {name!r}. There are: {existing}.")
        return read_profile(path)

    def save(self, profile: Profile) -> Path:
        """Write the profile in place of an earlier one of its name; raises TasteError where it cannot be."""
        path = self.profile_path(profile.name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_profile(profile, path)
        except OSError as error:
            raise TasteError(f"The taste {path} cannot be written: {error.strerror}.") from error
        return path

    def delete(self, name: str) -> None:
        """Forget a profile for good, with its report; raises SettingsError where there is none.

        A file of that name that is no taste stays, and so does a page that is not about one.
        """
        path, report = self.profile_path(name), self.report_path(name)
        try:
            if _MARK not in path.read_bytes():
                raise TasteError(f"{path} is no taste, and was left as it is.")
            path.unlink()
            if report.is_file() and PAGE_MARK.encode() in report.read_bytes():
                report.unlink()
        except FileNotFoundError:
            raise SettingsError(f"There is no taste called {name!r}.") from None
        except OSError as error:
            raise TasteError(f"The taste {path} cannot be deleted: {error.strerror}.") from error

    def report_path(self, name: str) -> Path:
        """Return where the page about a profile goes; it holds small pictures, and stays on this machine."""
        return self.profile_path(name).with_suffix(".html")

    def profile_path(self, name: str) -> Path:
        """Return the file of a profile of this name; raises SettingsError for what is no name."""
        return self.folder / f"{validate_name(name)}{SUFFIX}"


def validate_name(name: str) -> str:
    """Return a profile's name as files are called; raises SettingsError where none may be called so."""
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
    """Write a profile to `path`, whole or not at all; raises OSError."""
    with atomic_write(path) as file:
        file.write(json.dumps(_to_dict(profile), indent=1, ensure_ascii=False).encode() + b"\n")


def read_profile(path: Path) -> Profile:
    """Read a profile; raises TasteError, naming what is wrong, where it is none that this version can use."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise TasteError(f"{path} is too large for a taste; look what it is.")
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
    return TasteError(f"{path} is no taste that this Autocull can use ({reason}). Learn it again.")


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
        raise ValueError("features: it looks at other measurements than those made today")
    if set(content.heads) != {each.name for each in fields(Heads)}:
        raise ValueError("heads: some are missing, or too many")
    heads = Heads(**{name: array.to_array() for name, array in content.heads.items()})
    if len(heads.mean) != len(NAMES):
        raise ValueError("heads: they look at another number of measurements")
    return Profile(
        name=validate_name(content.name),
        heads=heads,
        calibration=Calibration(content.calibration.slope, content.calibration.offset),
        held_out=content.held_out,
        acts=content.acts,
        metrics=content.figures,
        origin=Origin(**content.origin.model_dump()),
    )
