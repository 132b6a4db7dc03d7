"""Sidecar files: IMG.xmp next to IMG.NEF, read safely and replaced atomically.

Lightroom reads the sidecars of RAW files only. For a JPEG, TIFF or DNG, whose packet is inside the file, the
sidecar is for other programs: Autocull never alters a photo.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autocull.errors import MarksError
from autocull.judge import Marks
from autocull.output.journal import JournalError
from autocull.output.result import Judged, Result
from autocull.output.sidecars.merge import Policy, find_user_set, merge_marks, owner_of
from autocull.output.sidecars.photo_kind import RAW_KIND, kind_of
from autocull.output.sidecars.sidecar_file import check_writable, read_content, replace_content
from autocull.output.sidecars.sidecar_journal import SidecarJournal
from autocull.output.sidecars.xmp_packet import Packet, PacketError
from autocull.output.user_marks import Mark
from autocull.read import FolderIndex, Frame, normalise_name, reachable, read_embedded_xmp

_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"", "utf-8"),
)
_DECLARED_ENCODING = re.compile(r"""<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']""")


@dataclass(frozen=True, slots=True)
class SidecarOutcome:
    """The outcome of writing one frame's sidecar, or what it would be in a dry run.

    `kept_marks` names the marks that the photographer set; `error` is why a frame was refused. An unchanged
    frame without marks may have no sidecar.
    """

    frame: Frame
    state: Literal["written", "unchanged", "refused"]
    kept_marks: frozenset[Mark] = frozenset()
    error: MarksError | None = None
    has_sidecar: bool = True


def sidecar_of(frame: Frame, index: FolderIndex | None = None) -> Path:
    """Return the path of a frame's sidecar: IMG.xmp next to IMG.NEF, one for a RAW+JPEG pair.

    Where only a file with the same name in other capitals or in another Unicode form exists, it is that one.
    """
    path = frame.path.with_suffix(".xmp")
    return (index or FolderIndex()).find(path) or path


def write_sidecar(
    frame: Frame,
    marks: Marks,
    *,
    policy: Policy,
    dry_run: bool = False,
    index: FolderIndex | None = None,
    journal: SidecarJournal | None = None,
) -> SidecarOutcome:
    """Merge `marks` into the frame's sidecar, atomically; a second time changes nothing, not even its date.

    Marks of the photographer in the photo itself and in IMG.NEF.xmp count like those in the sidecar. Raises
    MarksError where the sidecar is damaged, a link, another file's, or cannot be written; it is then
    unchanged. Only the sidecar is written, after `journal` has what undoes it.
    """
    index = index or FolderIndex()
    path = sidecar_of(frame, index)
    raw = read_content(path)
    try:
        bom, encoding, text = decode_packet(raw) if raw is not None else (b"", "utf-8", None)
        packet = Packet.parse(text) if text is not None else None
        _check_owner(path, packet, frame)
        elsewhere = find_marks_elsewhere(frame, index)
        extension = frame.path.suffix[1:]
        new_text = merge_marks(packet, marks, extension=extension, policy=policy, elsewhere=elsewhere)
    except (PacketError, AssertionError) as error:
        raise _damage_error(path, error) from error
    kept_marks = elsewhere | (find_user_set(packet) if packet is not None else frozenset())
    if new_text is None:
        return SidecarOutcome(frame, "unchanged", kept_marks, has_sidecar=raw is not None)
    if raw is not None:
        check_writable(path)
    if not dry_run:
        content = bom + new_text.encode(encoding)
        if journal is not None:
            journal.announce(path, raw, content)
        replace_content(path, raw, content)
    return SidecarOutcome(frame, "written", kept_marks)


class SidecarWriter:
    """Writes the sidecars of a shoot, once all its frames are added.

    Of frames that would share one sidecar without being a pair (IMG.NEF and IMG.TIF), the RAW file has it, as
    the others hold their marks inside; they are refused. So is a photo that `is_unchanged` returns False for:
    it was replaced, moved or deleted since it was judged. In a dry run nothing is written.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        dry_run: bool = False,
        is_unchanged: Callable[[Frame], bool] = lambda _: True,
        journal: SidecarJournal | None = None,
    ) -> None:
        self._policy = policy
        self._dry_run = dry_run
        self._is_unchanged = is_unchanged
        self._journal = journal
        self._marks: list[tuple[Frame, Marks]] = []

    def add(self, result: Result) -> None:
        """Add the marks of a judged frame; one that could not be read has none."""
        if isinstance(result, Judged):
            self._marks.append((result.frame, result.marks))

    def finish(self) -> Iterator[SidecarOutcome]:
        """Write the sidecars and yield one outcome each; a refused one does not stop the others.

        Raises JournalError where the journal cannot be written, since the rest could not be undone.
        """
        index = FolderIndex()
        frames_by_sidecar = _group_by_sidecar((frame for frame, _ in self._marks), index)
        for frame, marks in self._marks:
            path = sidecar_of(frame, index)
            try:
                _check_sharing(path, frame, frames_by_sidecar[normalise_name(str(path))])
                if not self._is_unchanged(frame):
                    raise MarksError(frame.path, f"{frame.path} changed since it was judged; run again.")
                yield write_sidecar(
                    frame, marks,
                    policy=self._policy, dry_run=self._dry_run, index=index, journal=self._journal,
                )  # fmt: skip
            except JournalError:
                raise
            except MarksError as error:
                yield SidecarOutcome(frame, "refused", error=error, has_sidecar=False)


def read_packet(frame: Frame, index: FolderIndex | None = None) -> Packet | None:
    """Read the packet in a frame's sidecar, None where there is none.

    Raises MarksError where it is damaged, a link, or another file's; nothing is written.
    """
    path = sidecar_of(frame, index)
    packet = _read_packet_at(path)
    _check_owner(path, packet, frame)
    return packet


def find_other_packets(frame: Frame, index: FolderIndex | None = None) -> Iterator[Packet]:
    """Yield the packets of the frame's files in other places: IMG.NEF.xmp, and the photos themselves.

    Raises MarksError where one cannot be read.
    """
    for file in frame.files:
        path = (index or FolderIndex()).find(file.with_name(file.name + ".xmp"))
        packet = _read_packet_at(path) if path is not None else None
        if packet is not None:
            yield packet
        try:
            with reachable(file).open("rb") as photo:
                packets = read_embedded_xmp(photo, reachable(file).stat().st_size)
            yield from (Packet.parse(decode_packet(raw.strip(b"\0"))[2]) for raw in packets)
        except FileNotFoundError:
            continue  # moved since it was judged
        except (OSError, ValueError, AssertionError) as error:
            raise MarksError(file, f"The marks inside {file} cannot be read: {error}.") from error


def find_marks_elsewhere(frame: Frame, index: FolderIndex | None = None) -> frozenset[Mark]:
    """Return the marks that the photographer set in IMG.NEF.xmp and in the photos themselves.

    Where they cannot be read, the flag counts as set: a photo that may have marks is not rejected.
    """
    try:
        return frozenset(
            mark for packet in find_other_packets(frame, index) for mark in find_user_set(packet)
        )
    except MarksError:
        return frozenset({"flag"})


def _read_packet_at(path: Path) -> Packet | None:
    raw = read_content(path)
    if raw is None:
        return None
    try:
        return Packet.parse(decode_packet(raw)[2])
    except (PacketError, AssertionError) as error:
        raise _damage_error(path, error) from error


def decode_packet(raw: bytes) -> tuple[bytes, str, str]:
    """Return byte order mark, encoding and text; XMP is Unicode by its specification.

    Raises PacketError where the encoding is not certain: text in UTF-16 or UTF-32 without its mark, which
    shows by zeros, and a declaration of another encoding.
    """
    bom, encoding = next(pair for pair in _ENCODINGS if raw.startswith(pair[0]))
    try:
        text = raw[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise PacketError("it is not in Unicode") from error
    if "\0" in text:
        raise PacketError("it is in UTF-16 or UTF-32 without a byte order mark")
    declared = _DECLARED_ENCODING.match(text)
    if declared is not None and not _is_declared(declared[1], encoding, text):
        raise PacketError(f"it declares the encoding {declared[1]}, and is in {encoding.upper()}")
    return bom, encoding, text


def _is_declared(declared: str, encoding: str, text: str) -> bool:
    """Return whether a declared encoding reads the text as it was decoded."""
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return False
    if encoding != "utf-8":
        return name in ("utf-16", encoding)
    return name == "utf-8" or (text.isascii() and name in ("ascii", "iso8859-1", "cp1252"))


def _check_owner(path: Path, packet: Packet | None, frame: Frame) -> None:
    """Raise MarksError for a sidecar that names a file of another kind as its own."""
    owner = owner_of(packet) if packet is not None else None
    if owner and owner.casefold() not in {file.suffix[1:].casefold() for file in frame.files}:
        raise _clash_error(path, frame, f"{path.stem}.{owner}")


def _clash_error(path: Path, frame: Frame, other: str) -> MarksError:
    message = f"{frame.path} and {other} would share the sidecar {path.name}; rename one of them."
    return MarksError(path, message)


def _damage_error(path: Path, error: Exception) -> MarksError:
    reason = str(error) if isinstance(error, PacketError) else "it is not written as XMP is"
    return MarksError(path, f"The sidecar {path} was left as it is: {reason}. Repair or remove it.")


def _group_by_sidecar(frames: Iterable[Frame], index: FolderIndex) -> dict[str, list[Frame]]:
    """Return the frames by the normalised path of their sidecar."""
    groups: dict[str, list[Frame]] = {}
    for frame in frames:
        groups.setdefault(normalise_name(str(sidecar_of(frame, index))), []).append(frame)
    return groups


def _check_sharing(path: Path, frame: Frame, frames: Sequence[Frame]) -> None:
    """Raise MarksError where the sidecar belongs to another of the frames with its name, or to none."""
    others = [each for each in frames if each != frame]
    if others and not all(_ownership(frame) < _ownership(other) for other in others):
        raise _clash_error(path, frame, min(others, key=_ownership).path.name)


def _ownership(frame: Frame) -> int:
    """Return 0 for files whose marks are in a sidecar by Adobe's rule, 1 for DNG, and 2 for the others."""
    return {RAW_KIND: 0, "DNG": 1}.get(kind_of(frame), 2)
