"""XMP packets that can be edited in place: all bytes outside the changed properties stay as they are.

Only the top-level `rdf:Description` elements are read: Lightroom keeps nested copies of older settings
(`crss:SavedSettings`), whose ratings are not the photo's. Attributes and child elements are both legal RDF
(XMP specification part 1, section 7.9), and both are read and changed where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ROOT = f"{{{RDF}}}RDF"
_DESCRIPTION = f"{{{RDF}}}Description"
_ATTRIBUTE = re.compile(rb"""(\s+)([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')""")
_NAME = re.compile(rb"<[^\s/>]+")


class PacketError(ValueError):
    """The text is not an XMP packet: damaged XML, forbidden declarations, or no RDF in it."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property's value, and where it is in the bytes: `value_span` the value, `span` with its name."""

    value: str
    value_span: slice
    span: slice
    tag: bytes | None
    """The start tag without its end where the property is an empty element, which has no text to replace."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A parsed packet: the properties of its top-level descriptions by `{namespace}name`.

    A new attribute is inserted at `insert_at`, after `whitespace`; `prefixes` maps the prefixes that are
    declared there to their namespaces.
    """

    raw: bytes
    properties: Mapping[str, Property]
    insert_at: int
    whitespace: bytes
    prefixes: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> Packet:
        """Parse a packet; raises PacketError where the text is none. Entities and DTDs are refused."""
        raw = _add_missing_description(text.encode())
        content = _read_content(raw)
        tag = content.description
        return cls(raw, content.properties, tag.insert_at, tag.whitespace, content.scope)

    def value(self, name: str) -> str | None:
        """Return the value of a property without surrounding space; None where it is absent or blank."""
        return self.properties[name].value.strip() or None if name in self.properties else None

    def with_changes(self, changes: Mapping[str, str | None], prefixes: Mapping[str, str]) -> str:
        """Return the packet's text with each property of `changes` set, or removed where its value is None.

        `prefixes` maps each namespace that may have to be declared to its preferred prefix. Raises
        PacketError where the new text would not hold the changes, and every other property as it was.
        """
        edits: list[tuple[slice, bytes]] = []
        additions: dict[str, str] = {}
        for name, value in changes.items():
            if name in self.properties:
                edits.append(_make_edit(self.properties[name], value))
            elif value is not None:
                additions[name] = value
        edits.append((slice(self.insert_at, self.insert_at), self._format_attributes(additions, prefixes)))
        raw = self.raw
        for span, replacement in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
            raw = raw[: span.start] + replacement + raw[span.stop :]
        text = raw.decode()
        self._check_new(text, changes)
        return text

    def _check_new(self, text: str, changes: Mapping[str, str | None]) -> None:
        """Raise PacketError where a new text differs from this packet in more than `changes`."""
        expected = {name: self.value(name) for name in self.properties}
        expected |= {name: (value or "").strip() or None for name, value in changes.items()}
        packet = Packet.parse(text)
        names = expected.keys() | packet.properties.keys()
        if any(packet.value(name) != expected.get(name) for name in names):
            raise PacketError("its marks cannot be changed without touching other properties")

    def _format_attributes(self, values: Mapping[str, str], preferred: Mapping[str, str]) -> bytes:
        """Return the bytes of new attributes, after the declarations that they need."""
        prefix_by_namespace = {namespace: prefix for prefix, namespace in self.prefixes.items() if prefix}
        declarations, attributes = [], []
        for name, value in values.items():
            namespace, local = name[1:].split("}")
            if namespace not in prefix_by_namespace:
                prefix_by_namespace[namespace] = self._free_prefix(preferred[namespace])
                declarations.append(f"xmlns:{prefix_by_namespace[namespace]}={quoteattr(namespace)}")
            attributes.append(f"{prefix_by_namespace[namespace]}:{local}={_quote(value)}")
        return b"".join(self.whitespace + attribute.encode() for attribute in declarations + attributes)

    def _free_prefix(self, preferred: str) -> str:
        """Return the preferred prefix, with a number where it is taken."""
        prefix, number = preferred, 2
        while prefix in self.prefixes:
            prefix, number = f"{preferred}{number}", number + 1
        return prefix


def _make_edit(existing: Property, value: str | None) -> tuple[slice, bytes]:
    if value is None:
        return existing.span, b""
    if existing.tag is None:
        return existing.value_span, escape(value, {'"': "&quot;", "'": "&apos;"}).encode()
    name = _NAME.match(existing.tag)
    assert name is not None
    return existing.value_span, existing.tag + b">" + escape(value).encode() + b"</" + name[0][1:] + b">"


def _quote(value: str) -> str:
    return '"' + escape(value, {'"': "&quot;"}) + '"'


@dataclass(frozen=True, slots=True)
class _Tag:
    """A start tag in the bytes: its name, the positions of its attributes, and where to insert one."""

    name: bytes
    attributes: dict[bytes, Property]
    insert_at: int
    whitespace: bytes
    stop: int
    empty: bool


def _parse_tag(raw: bytes, start: int) -> _Tag:
    """Parse the start tag at `start`, which the XML parser has found to be well formed."""
    name = _NAME.match(raw, start)
    assert name is not None
    attributes, insert_at, whitespace = {}, name.end(), b" "
    while match := _ATTRIBUTE.match(raw, insert_at):
        value_span = slice(match.start(3) + 1, match.end(3) - 1)
        attributes[match[2]] = Property("", value_span, slice(*match.span()), None)
        insert_at, whitespace = match.end(), match[1]
    stop = raw.index(b">", insert_at) + 1
    return _Tag(name[0][1:], attributes, insert_at, whitespace, stop, raw[stop - 2 : stop] == b"/>")


class _ParserTarget:
    """The target of the XML parser: collects the properties of the top-level descriptions."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.position: Callable[[], int] = lambda: 0
        self.properties: dict[str, Property] = {}
        self.description: _Tag | None = None
        self.root: _Tag | None = None
        self.scope: dict[str, str] = {}
        self._path: list[str] = []
        self._scopes: list[dict[str, str]] = [{}]
        self._declared: dict[str, str] = {}
        self._child: tuple[int, _Tag] | None = None
        self._text: list[str] = []

    def start_ns(self, prefix: str, namespace: str) -> None:
        """Note a prefix that the next element declares."""
        self._declared[prefix] = namespace

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Handle the start of an element."""
        self._scopes.append({**self._scopes[-1], **self._declared} if self._declared else self._scopes[-1])
        self._declared = {}
        if name == _ROOT and len(self._path) <= 1 and self.root is None:
            self.root = _parse_tag(self.raw, self.position())
        elif name == _DESCRIPTION and self._top_level() == [_ROOT]:
            self._add_description(attributes)
        elif self._top_level() == [_ROOT, _DESCRIPTION]:
            self._child = (self.position(), _parse_tag(self.raw, self.position()))
            self._text = []
        self._path.append(name)

    def data(self, text: str) -> None:
        """Collect the text of an element."""
        self._text.append(text)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        self._path.pop()
        self._scopes.pop()
        if self._child is not None and self._top_level() == [_ROOT, _DESCRIPTION]:
            self.properties.setdefault(name, self._build_property(*self._child))
            self._child = None

    def close(self) -> None:
        """Handle the end of the packet."""

    def _top_level(self) -> list[str]:
        """Return the open elements from the packet's RDF root on; empty outside of it."""
        start = self._path.index(_ROOT) if _ROOT in self._path[:2] else len(self._path)
        return self._path[start:]

    def _add_description(self, attributes: Mapping[str, str]) -> None:
        tag, scope = _parse_tag(self.raw, self.position()), self._scopes[-1]
        if self.description is None:
            self.description, self.scope = tag, scope
        for raw_name, attribute in tag.attributes.items():
            prefix, _, local = raw_name.decode().rpartition(":")
            name = f"{{{scope.get(prefix)}}}{local}"
            if prefix and name in attributes:
                value = Property(attributes[name], attribute.value_span, attribute.span, None)
                self.properties.setdefault(name, value)

    def _build_property(self, start: int, tag: _Tag) -> Property:
        """Return the property in the child element that ends at the current position."""
        stop = tag.stop if tag.empty else self.raw.index(b">", self.position()) + 1
        before = len(self.raw[:start].rstrip())
        value_span = slice(start, stop) if tag.empty else slice(tag.stop, self.position())
        value = "".join(self._text)
        empty = self.raw[start : stop - 2].rstrip() if tag.empty else None
        return Property(value, value_span, slice(before, stop), empty)


@dataclass(frozen=True, slots=True)
class _Content:
    """The contents of a packet with at least one description."""

    properties: Mapping[str, Property]
    description: _Tag
    scope: Mapping[str, str]


def _read_content(raw: bytes) -> _Content:
    target = _parse(raw)
    assert target.description is not None
    return _Content(target.properties, target.description, target.scope)


def _parse(raw: bytes) -> _ParserTarget:
    target = _ParserTarget(raw)
    parser: Any = DefusedXMLParser(target=target, encoding="utf-8", forbid_dtd=True)
    target.position = lambda: int(parser.parser.CurrentByteIndex)
    try:
        parser.feed(raw)
        parser.close()
    except DefusedXmlException as error:
        raise PacketError("it declares entities or a document type, which no sidecar does") from error
    except ParseError as error:
        raise PacketError(f"it is damaged XML ({error})") from error
    if target.root is None:
        raise PacketError("it contains no XMP")
    return target


def _add_missing_description(raw: bytes) -> bytes:
    """Return the packet with a top-level description added where its RDF root is empty."""
    target = _parse(raw)
    if target.description is not None or target.root is None:
        return raw
    root = target.root
    inner = b'<rdf:Description xmlns:rdf="' + RDF.encode() + b'" rdf:about=""/>'
    if root.empty:
        return raw[: root.stop - 2] + b">" + inner + b"</" + root.name + b">" + raw[root.stop :]
    return raw[: root.stop] + inner + raw[root.stop :]
