"""Sidecars on the disk: IMG.xmp beside IMG.NEF, read safely and replaced in one step.

Lightroom reads the sidecars of RAW files only. For a JPEG, TIFF or DNG, whose packet lies inside the file,
the sidecar serves other programs: Autocull never alters a photo.
"""

from __future__ import annotations

import codecs
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autocull.atomic_write import atomic_write
from autocull.errors import MarksError
from autocull.judge.verdict import Marks
from autocull.output.result import Judged, Result
from autocull.output.sidecars.merge import Policy, find_user_set, merge_marks, owner_of
from autocull.output.sidecars.xmp_packet import Packet, PacketError
from autocull.output.user_marks import Mark
from autocull.read.photo import Frame

_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"", "utf-8"),
)
_MAX_BYTES = 64 * 2**20  # a sidecar with hundreds of masks has a few megabytes


@dataclass(frozen=True, slots=True)
class SidecarOutcome:
    """What happened to one frame's sidecar (or would, in a dry run).

    `kept_marks` names the marks left as the photographer set them; `error` says why a frame was refused.
    """

    frame: Frame
    state: Literal["written", "unchanged", "refused"]
    kept_marks: frozenset[Mark] = frozenset()
    error: MarksError | None = None


def sidecar_of(frame: Frame) -> Path:
    """The sidecar that holds a frame's marks: IMG.xmp beside IMG.NEF, one for a RAW+JPEG pair.

    Where it is already there as IMG.XMP, that one.
    """
    upper_case = frame.path.with_suffix(".XMP")
    lower_case = frame.path.with_suffix(".xmp")
    return upper_case if os.path.lexists(upper_case) and not os.path.lexists(lower_case) else lower_case


def write_sidecar(frame: Frame, marks: Marks, *, policy: Policy, dry_run: bool = False) -> SidecarOutcome:
    """Merge `marks` into the frame's sidecar, atomically; a second time changes nothing, not even its date.

    Raises MarksError where the sidecar is damaged, a link, another file's, or cannot be written: it is then
    as it was. Nothing but the sidecar is ever written.
    """
    path = sidecar_of(frame)
    raw = _read_content(path)
    try:
        bom, encoding, text = _decode(raw) if raw is not None else (b"", "utf-8", None)
        packet = Packet.parse(text) if text is not None else None
        _check_owner(path, packet, frame)
        new_text = merge_marks(packet, marks, extension=frame.path.suffix[1:], policy=policy)
    except PacketError as error:
        raise _damage_error(path, error) from error
    kept_marks = find_user_set(packet) if packet is not None else frozenset()
    if new_text is None:
        return SidecarOutcome(frame, "unchanged", kept_marks)
    if not dry_run:
        _write(path, raw, bom + new_text.encode(encoding))
    return SidecarOutcome(frame, "written", kept_marks)


class SidecarWriter:
    """Writes the sidecars of a shoot, once all its frames are added.

    Frames that would share one sidecar though they are no pair (IMG.NEF and IMG.TIF) are all refused. In a
    dry run nothing is written.
    """

    def __init__(self, policy: Policy, *, dry_run: bool = False) -> None:
        self._policy = policy
        self._dry_run = dry_run
        self._marks: list[tuple[Frame, Marks]] = []

    def add(self, result: Result) -> None:
        """Add the marks of a judged frame; one that could not be read has none."""
        if isinstance(result, Judged):
            self._marks.append((result.frame, result.marks))

    def finish(self) -> Iterator[SidecarOutcome]:
        """Write the sidecars and yield one outcome each; a refused one does not stop the others."""
        frames_by_sidecar = _group_by_sidecar(frame for frame, _ in self._marks)
        for frame, marks in self._marks:
            path = sidecar_of(frame)
            try:
                if others := [each for each in frames_by_sidecar[_normalise_path(path)] if each != frame]:
                    raise _clash_error(path, frame, others[0].path.name)
                yield write_sidecar(frame, marks, policy=self._policy, dry_run=self._dry_run)
            except MarksError as error:
                yield SidecarOutcome(frame, "refused", error=error)


def read_packet(frame: Frame) -> Packet | None:
    """Read the packet in a frame's sidecar, None where there is none.

    Raises MarksError where it is damaged, a link, or another file's; nothing is written.
    """
    path = sidecar_of(frame)
    raw = _read_content(path)
    if raw is None:
        return None
    try:
        packet = Packet.parse(_decode(raw)[2])
    except PacketError as error:
        raise _damage_error(path, error) from error
    _check_owner(path, packet, frame)
    return packet


def _read_content(path: Path) -> bytes | None:
    """A sidecar's bytes, None where there is none; links, folders and devices are refused, not opened."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise MarksError(path, f"{path} is a link or no file; put a real sidecar there, or remove it.")
        if status.st_size > _MAX_BYTES:
            raise MarksError(path, f"{path} is too large for a sidecar; look what it is.")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MarksError(path, f"{path} cannot be read: {error.strerror}.") from error


def _decode(raw: bytes) -> tuple[bytes, str, str]:
    """Byte order mark, encoding and text; XMP is Unicode by its specification."""
    bom, encoding = next(pair for pair in _ENCODINGS if raw.startswith(pair[0]))
    try:
        return bom, encoding, raw[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise PacketError("it is not in Unicode") from error


def _write(path: Path, before: bytes | None, after: bytes) -> None:
    """Put `after` in place of `before`, unless another program wrote the sidecar in the meantime."""
    try:
        with atomic_write(path) as file:
            file.write(after)
            if _read_content(path) != before:
                raise MarksError(path, f"{path} was just written by another program; run Autocull again.")
    except OSError as error:
        raise MarksError(path, f"{path} cannot be written: {error.strerror}.") from error


def _check_owner(path: Path, packet: Packet | None, frame: Frame) -> None:
    """Refuse a sidecar that says it belongs to a file of another kind."""
    owner = owner_of(packet) if packet is not None else None
    if owner and owner.casefold() not in {file.suffix[1:].casefold() for file in frame.files}:
        raise _clash_error(path, frame, f"{path.stem}.{owner}")


def _clash_error(path: Path, frame: Frame, other: str) -> MarksError:
    message = f"{frame.path} and {other} would share the sidecar {path.name}; rename one of them."
    return MarksError(path, message)


def _damage_error(path: Path, error: PacketError) -> MarksError:
    return MarksError(path, f"The sidecar {path} was left as it is: {error}. Repair or remove it.")


def _group_by_sidecar(frames: Iterable[Frame]) -> dict[str, list[Frame]]:
    """The frames of each sidecar, as a file system sees names that ignores case and Unicode form."""
    groups: dict[str, list[Frame]] = {}
    for frame in frames:
        groups.setdefault(_normalise_path(sidecar_of(frame)), []).append(frame)
    return groups


def _normalise_path(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()
