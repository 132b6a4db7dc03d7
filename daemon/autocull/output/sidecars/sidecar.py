"""Sidecar files: IMG.xmp next to IMG.NEF, read safely and replaced atomically.

Lightroom reads the sidecars of RAW files only. For a JPEG, TIFF or DNG, whose packet is inside the file, the
sidecar is for other programs: Autocull never alters a photo.
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
from autocull.judge import Marks
from autocull.output.result import Judged, Result
from autocull.output.sidecars.merge import Policy, find_user_set, merge_marks, owner_of
from autocull.output.sidecars.xmp_packet import Packet, PacketError
from autocull.output.user_marks import Mark
from autocull.read import Frame

_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"", "utf-8"),
)
_MAX_BYTES = 64 * 2**20  # a sidecar with hundreds of masks has a few megabytes


@dataclass(frozen=True, slots=True)
class SidecarOutcome:
    """The outcome of writing one frame's sidecar, or what it would be in a dry run.

    `kept_marks` names the marks that the photographer set; `error` is why a frame was refused.
    """

    frame: Frame
    state: Literal["written", "unchanged", "refused"]
    kept_marks: frozenset[Mark] = frozenset()
    error: MarksError | None = None


def sidecar_of(frame: Frame) -> Path:
    """Return the path of a frame's sidecar: IMG.xmp next to IMG.NEF, one for a RAW+JPEG pair.

    Where only IMG.XMP exists, it is that one.
    """
    upper_case = frame.path.with_suffix(".XMP")
    lower_case = frame.path.with_suffix(".xmp")
    return upper_case if os.path.lexists(upper_case) and not os.path.lexists(lower_case) else lower_case


def write_sidecar(frame: Frame, marks: Marks, *, policy: Policy, dry_run: bool = False) -> SidecarOutcome:
    """Merge `marks` into the frame's sidecar, atomically; a second time changes nothing, not even its date.

    Raises MarksError where the sidecar is damaged, a link, another file's, or cannot be written; it is then
    unchanged. Only the sidecar is written.
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

    Frames that would share one sidecar without being a pair (IMG.NEF and IMG.TIF) are all refused. In a
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
    """Return a sidecar's bytes, None without one; raises MarksError for links, folders and devices."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise MarksError(
                path, f"{path} is a link or not a file; replace it with a real sidecar, or remove it."
            )
        if status.st_size > _MAX_BYTES:
            raise MarksError(path, f"{path} is too large for a sidecar; check what it is.")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MarksError(path, f"{path} cannot be read: {error.strerror}.") from error


def _decode(raw: bytes) -> tuple[bytes, str, str]:
    """Return byte order mark, encoding and text; XMP is Unicode by its specification."""
    bom, encoding = next(pair for pair in _ENCODINGS if raw.startswith(pair[0]))
    try:
        return bom, encoding, raw[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise PacketError("it is not in Unicode") from error


def _write(path: Path, before: bytes | None, after: bytes) -> None:
    """Replace `before` by `after`; MarksError where another program wrote the sidecar meanwhile."""
    try:
        with atomic_write(path) as file:
            file.write(after)
            if _read_content(path) != before:
                raise MarksError(path, f"{path} was just written by another program; run Autocull again.")
    except OSError as error:
        raise MarksError(path, f"{path} cannot be written: {error.strerror}.") from error


def _check_owner(path: Path, packet: Packet | None, frame: Frame) -> None:
    """Raise MarksError for a sidecar that names a file of another kind as its own."""
    owner = owner_of(packet) if packet is not None else None
    if owner and owner.casefold() not in {file.suffix[1:].casefold() for file in frame.files}:
        raise _clash_error(path, frame, f"{path.stem}.{owner}")


def _clash_error(path: Path, frame: Frame, other: str) -> MarksError:
    message = f"{frame.path} and {other} would share the sidecar {path.name}; rename one of them."
    return MarksError(path, message)


def _damage_error(path: Path, error: PacketError) -> MarksError:
    return MarksError(path, f"The sidecar {path} was left as it is: {error}. Repair or remove it.")


def _group_by_sidecar(frames: Iterable[Frame]) -> dict[str, list[Frame]]:
    """Return the frames by the normalised path of their sidecar."""
    groups: dict[str, list[Frame]] = {}
    for frame in frames:
        groups.setdefault(_normalise_path(sidecar_of(frame)), []).append(frame)
    return groups


def _normalise_path(path: Path) -> str:
    """Return a path as file systems compare it that ignore case and Unicode form."""
    return unicodedata.normalize("NFC", str(path)).casefold()
