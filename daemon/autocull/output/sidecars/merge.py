"""Marks in an XMP packet, written as Lightroom Classic does and merged with those of the photographer.

A mark that differs from Autocull's note of it was set, changed or cleared by the photographer, and is never
written again. Notes are copies of the properties in Autocull's own namespace, in the same sidecar. Each of
the three marks (stars, label, flag) is compared on its own. Where the photographer set any mark, neither the
reject flag nor the red label is written: the policy *respect* of the plug-in. All functions are pure: text
in, text out.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from autocull.judge import ColourLabel, Marks
from autocull.output.sidecars.xmp_packet import Packet
from autocull.output.user_marks import Mark, PhotoMarks

LABEL_NAMES: Mapping[ColourLabel, str] = MappingProxyType(
    {"red": "Red", "yellow": "Yellow", "green": "Green", "blue": "Blue", "purple": "Purple"}
)
"""The names of the colours in Lightroom's default label set, in English."""

NOTES = "https://autocull.github.io/ns/1.0/"
"""Autocull's namespace in sidecars."""

FORMER_NOTES = "https://autocull.example/ns/1.0/"
"""The namespace before the first release; its notes are read, and replaced where a mark changes."""

_XMP = "http://ns.adobe.com/xap/1.0/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_DYNAMIC = "http://ns.adobe.com/xmp/1.0/DynamicMedia/"
_PREFIXES = {_XMP: "xmp", _PHOTOSHOP: "photoshop", _DYNAMIC: "xmpDM", NOTES: "autocull"}

_RATING, _LABEL, _COLOR = f"{{{_XMP}}}Rating", f"{{{_XMP}}}Label", f"{{{_PHOTOSHOP}}}LabelColor"
_PICK, _GOOD = f"{{{_DYNAMIC}}}pick", f"{{{_DYNAMIC}}}good"
_EXTENSION = f"{{{_PHOTOSHOP}}}SidecarForExtension"
_VERSION, _FORMER_VERSION = f"{{{NOTES}}}Version", f"{{{FORMER_NOTES}}}Version"
_ACDSEE_RATING = "{http://ns.acdsee.com/iptc/1.0/}rating"
_MICROSOFT_RATING = "{http://ns.microsoft.com/photo/1.0/}Rating"
_MICROSOFT_STEPS = (1, 13, 38, 63, 88)  # percent at which each star begins; Windows writes 1, 25, 50, 75, 99
_TAGGED = "{http://ns.camerabits.com/photomechanic/1.0/}Tagged"
_DIGIKAM_PICK = "{http://www.digikam.org/ns/1.0/}PickLabel"
_DIGIKAM_FLAGS = {1: -1, 3: 1}  # rejected, accepted; 2 is "pending"
_PROPERTIES: Mapping[Mark, tuple[str, ...]] = {
    "rating": (_RATING,),
    "label": (_LABEL, _COLOR),
    "flag": (_PICK, _GOOD),
}
_BLANK = """<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Autocull">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description
   rdf:about=""/>
 </rdf:RDF>
</x:xmpmeta>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The names of labels: `label_names` are those of the colours in the photographer's label set.

    Lightroom matches a label by its name; programs that know `photoshop:LabelColor` need no names.
    """

    label_names: Mapping[ColourLabel, str] = field(default_factory=lambda: LABEL_NAMES)


def merge_marks(
    packet: Packet | None,
    marks: Marks,
    *,
    extension: str,
    policy: Policy,
    elsewhere: frozenset[Mark] = frozenset(),
) -> str | None:
    """Return the text of the sidecar with `marks` merged into it, or None where nothing has to be written.

    `packet` is the present sidecar's (None where there is none), `extension` the photo's without its dot, for
    a new sidecar. `elsewhere` are the marks that the photographer set in other places: in the photo itself.
    """
    if packet is not None:
        changes = _compute_changes(packet, marks, policy, elsewhere)
        return packet.with_changes(changes, _PREFIXES) if changes else None
    blank = Packet.parse(_BLANK)
    changes = _compute_changes(blank, marks, policy, elsewhere)
    if changes and extension.isascii() and extension.isalnum():
        changes[_EXTENSION] = extension
    return blank.with_changes(changes, _PREFIXES) if changes else None


def owner_of(packet: Packet) -> str | None:
    """Return the extension of the file that the sidecar belongs to, None where it names none."""
    return packet.value(_EXTENSION)


def marks_in(packet: Packet) -> PhotoMarks:
    """Return the marks of a packet."""
    rating, flag = _read_rating(packet), _read_flag(packet)
    name, color = packet.value(_LABEL), packet.value(_COLOR)
    labels_by_name: dict[str, ColourLabel] = {text.casefold(): label for label, text in LABEL_NAMES.items()}
    label = labels_by_name.get((color or name or "").casefold())
    stars = rating if rating is not None and 1 <= rating <= 5 else None
    return PhotoMarks(stars, label, flag, find_user_set(packet), written_before(packet))


def written_before(packet: Packet) -> Marks | None:
    """Return the marks that Autocull last wrote into the packet; None where it wrote none."""
    if packet.value(_VERSION) is None and packet.value(_FORMER_VERSION) is None:
        return None
    stars = _parse_integer(_read_note(packet, _RATING)) or 0
    flag = _parse_integer(_read_note(packet, _PICK)) or 0
    color = _read_note(packet, _COLOR)
    label: ColourLabel = next((name for name in LABEL_NAMES if name == color), "none")
    return Marks(stars if 0 < stars <= 5 else 0, label, flag if abs(flag) == 1 else 0)


def _read_rating(packet: Packet) -> int | None:
    """Return the stars: xmp:Rating, or those of programs that write only properties of their own."""
    rating = _parse_integer(packet.value(_RATING))
    if rating is not None:
        return rating
    if stars := _parse_integer(packet.value(_ACDSEE_RATING)):
        return stars
    percent = _parse_integer(packet.value(_MICROSOFT_RATING))
    return bisect(_MICROSOFT_STEPS, percent) if percent else None


def _read_flag(packet: Packet) -> int | None:
    """Return the flag as Lightroom reads it: `good` before `pick`, before a rating of -1 (reject).

    Where there is none of them: Photo Mechanic's tag, and digiKam's flag.
    """
    good, pick = packet.value(_GOOD), _parse_integer(packet.value(_PICK))
    if good is not None and good.casefold() in ("true", "false"):
        return 1 if good.casefold() == "true" else -1
    if pick in (1, -1):
        return pick
    if _parse_integer(packet.value(_RATING)) == -1:
        return -1
    if (packet.value(_TAGGED) or "").casefold() == "true":
        return 1
    return _DIGIKAM_FLAGS.get(_parse_integer(packet.value(_DIGIKAM_PICK)) or 0)


def _parse_integer(text: str | None) -> int | None:
    """Return the integer in a text, also where it is written as 3.0; None without one."""
    try:
        return int(float(text)) if text is not None else None
    except (ValueError, OverflowError):
        return None


def _compute_changes(
    packet: Packet, marks: Marks, policy: Policy, elsewhere: frozenset[Mark]
) -> dict[str, str | None]:
    """Return the properties to set or to remove (None), with their notes, except the user's marks.

    Beside any mark of the photographer's, nothing that rejects the photo is set.
    """
    changes: dict[str, str | None] = {}
    user_set = find_user_set(packet) | elsewhere
    rejecting: dict[Mark, bool] = {"label": marks.label == "red", "flag": marks.flag < 0}
    for mark, target in _target_properties(marks, policy).items():
        current = _current_properties(packet, mark)
        allowed = mark not in user_set and not (user_set and rejecting.get(mark, False))
        if allowed and current != target:
            for name in _PROPERTIES[mark]:
                if name in target or name in current:
                    changes[name] = changes[_note_name(name)] = target.get(name)
                if (former := _note_name(name, FORMER_NOTES)) in packet.properties:
                    changes[former] = None
    if changes and packet.value(_VERSION) is None:
        changes[_VERSION] = "1"
    return changes


def _target_properties(marks: Marks, policy: Policy) -> dict[Mark, dict[str, str]]:
    label, flag = marks.label, marks.flag
    return {
        "rating": {_RATING: str(marks.rating)} if marks.rating else {},
        "label": {_LABEL: policy.label_names[label], _COLOR: label} if label != "none" else {},
        "flag": {_PICK: str(flag), _GOOD: "true" if flag > 0 else "false"} if flag else {},
    }


def find_user_set(packet: Packet) -> frozenset[Mark]:
    """Return the marks that differ from their notes, or that another program's own properties hold."""
    marks: set[Mark] = {
        mark for mark in _PROPERTIES if _current_properties(packet, mark) != _written_properties(packet, mark)
    }
    if _RATING not in packet.properties and _read_rating(packet):
        marks.add("rating")
    if not marks & {"flag"} and not _current_properties(packet, "flag") and _read_flag(packet):
        marks.add("flag")
    return frozenset(marks)


def _current_properties(packet: Packet, mark: Mark) -> dict[str, str]:
    """Return the present properties of a mark, without those whose value means "none"."""
    values = {name: packet.value(name) for name in _PROPERTIES[mark]}
    unset = {_RATING: _parse_integer(values.get(_RATING)) == 0, _PICK: _parse_integer(values.get(_PICK)) == 0}
    return {name: value for name, value in values.items() if value is not None and not unset.get(name, False)}


def _written_properties(packet: Packet, mark: Mark) -> dict[str, str]:
    notes = {name: _read_note(packet, name) for name in _PROPERTIES[mark]}
    return {name: value for name, value in notes.items() if value is not None}


def _read_note(packet: Packet, name: str) -> str | None:
    """Return the note of a property, also one of a version before the first release."""
    note = packet.value(_note_name(name))
    return note if note is not None else packet.value(_note_name(name, FORMER_NOTES))


def _note_name(name: str, namespace: str = NOTES) -> str:
    """Return the name of a property's note: the same name in Autocull's namespace."""
    return f"{{{namespace}}}{name.partition('}')[2]}"
