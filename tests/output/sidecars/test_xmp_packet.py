"""Tests of XMP packets: read by the rules of RDF, edited in place, every other byte kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from autocull.output.sidecars.xmp_packet import Packet, PacketError

XMP = "{http://ns.adobe.com/xap/1.0/}"
OWN = "{urn:own}"
PREFIXES = {"urn:own": "own", "http://ns.adobe.com/xap/1.0/": "xmp"}
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def make_packet(
    attributes: str = "", inside: str = "", space: str = 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
) -> str:
    """Return the text of a packet with one description."""
    start = f'<rdf:RDF {RDF}><rdf:Description rdf:about="" {space} {attributes}>'
    return f"{start}{inside}</rdf:Description></rdf:RDF>"


def change(text: str, **values: str | None) -> str:
    """Change properties of the XMP namespace."""
    return Packet.parse(text).with_changes({XMP + name: value for name, value in values.items()}, PREFIXES)


@pytest.mark.parametrize(
    "text",
    [
        make_packet('xmp:Label="Red"'),
        make_packet("xmp:Label='Red'"),
        make_packet('xmp:Label = "Red"'),
        make_packet(inside="<xmp:Label>Red</xmp:Label>"),
        make_packet(inside="\n <xmp:Label>\n  Red</xmp:Label >"),
        make_packet(inside='<n:Label xmlns:n="http://ns.adobe.com/xap/1.0/">Red</n:Label>'),
        make_packet('n:Label="Red"', space='xmlns:n="http://ns.adobe.com/xap/1.0/"'),
        make_packet('xmp:Label="&#82;e&#x64;"'),
    ],
)
def test_property_is_read_and_replaced_in_any_form(text: str) -> None:
    """Attributes, elements, either quote, any prefix, character references: all the same RDF."""
    assert Packet.parse(text).value(XMP + "Label") == "Red"
    after = change(text, Label="Blue")
    assert Packet.parse(after).value(XMP + "Label") == "Blue"
    assert "Blue" in after
    assert "Red" not in after
    gone = change(text, Label=None)
    assert Packet.parse(gone).value(XMP + "Label") is None
    assert "Label" not in gone


def test_only_changed_properties_change_bytes() -> None:
    """Comments, unusual spacing, entities and unknown namespaces keep every byte."""
    before = make_packet(
        "\r\n\t xmp:Rating='2'  odd:x = \"a&#10;&lt;b\" xmlns:odd='urn:odd'",
        "<!-- she said > & --><odd:deep><![CDATA[<xmp:Rating>9</xmp:Rating>]]></odd:deep>",
    )
    assert change(before, Rating="4") == before.replace("xmp:Rating='2'", "xmp:Rating='4'")


def test_nested_descriptions_are_ignored() -> None:
    """The rating of a saved snapshot is neither read nor changed."""
    settings = '<rdf:Description xmp:Rating="5"><xmp:Label>Red</xmp:Label></rdf:Description>'
    snapshot = f"<xmp:Saved><rdf:RDF {RDF}>{settings}</rdf:RDF></xmp:Saved>"
    snapshot += '<xmp:More><rdf:Description xmp:Rating="4"/></xmp:More>'
    outer = Packet.parse(make_packet(inside=snapshot))
    assert outer.value(XMP + "Rating") is None
    assert outer.value(XMP + "Label") is None
    assert snapshot in change(make_packet(inside=snapshot), Rating="1")


def test_properties_of_several_descriptions_are_merged() -> None:
    """Older packets have one description for each namespace."""
    text = f'<rdf:RDF {RDF}><rdf:Description a:b="1" xmlns:a="urn:a"/><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:Rating>3</xmp:Rating></rdf:Description></rdf:RDF>'
    assert Packet.parse(text).value(XMP + "Rating") == "3"
    after = change(text, Rating="4", Label="Red")
    assert after.count("Rating") == 2
    assert Packet.parse(after).value(XMP + "Label") == "Red"


def test_new_attribute_is_indented_like_the_others() -> None:
    """Lightroom writes one attribute per line; a new one has the same indentation."""
    space = 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n   xmp:Rating="3"'
    after = change(f"<rdf:RDF {RDF}><rdf:Description {space}/></rdf:RDF>", Label="Red")
    assert f'{space}\n   xmp:Label="Red"/>' in after


@pytest.mark.parametrize(
    "inside", ["<xmp:Label/>", "<xmp:Label />", "<xmp:Label></xmp:Label>", "<xmp:Label> </xmp:Label>"]
)
def test_empty_element_is_unset_and_can_be_set(inside: str) -> None:
    """A property without text counts as unset, and its element is used."""
    assert Packet.parse(make_packet(inside=inside)).value(XMP + "Label") is None
    after = change(make_packet(inside=inside), Label="Red")
    assert after == make_packet(inside="<xmp:Label>Red</xmp:Label>")


def test_used_prefix_is_not_redeclared() -> None:
    """Where "own" has another meaning, a new prefix is declared, and the old one keeps its meaning."""
    before = make_packet(
        'own:x="1"', "<own:y>2</own:y>", space='xmlns:own="urn:foreign" xmlns:own2="urn:other"'
    )
    after = Packet.parse(Packet.parse(before).with_changes({OWN + "z": "3"}, PREFIXES))
    assert after.value("{urn:foreign}x") == "1"
    assert after.value("{urn:foreign}y") == "2"
    assert after.value(OWN + "z") == "3"
    assert after.prefixes["own3"] == "urn:own"


def test_default_namespace_is_not_used_for_attributes() -> None:
    """An attribute without a prefix has no namespace, so one is declared."""
    before = make_packet(inside='<a xmlns="urn:own"/>', space='xmlns="urn:own"')
    assert Packet.parse(Packet.parse(before).with_changes({OWN + "z": "3"}, PREFIXES)).value(OWN + "z") == "3"


@pytest.mark.parametrize(
    "text",
    [f"<rdf:RDF {RDF}/>", f"<x><rdf:RDF {RDF}></rdf:RDF></x>", f"<r:RDF {RDF.replace(':rdf', ':r')} />"],
)
def test_empty_root_gets_a_description(text: str) -> None:
    """RDF without a description is legal, and can be written to."""
    assert Packet.parse(change(text, Rating="2")).value(XMP + "Rating") == "2"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "damaged"),
        ("<a/>", "no XMP"),
        ("<rdf:RDF", "damaged"),
        (make_packet()[:-3], "damaged"),
        (make_packet("xmp:A='1' xmp:A='2'"), "damaged"),
        (make_packet(inside="\0"), "damaged"),
        ('<!DOCTYPE a [<!ENTITY b "bomb">]>' + make_packet(inside="&b;"), "entities"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd">' + make_packet(), "document type"),
        (f"<a><b><rdf:RDF {RDF}/></b></a>", "no XMP"),
    ],
)
def test_invalid_packet_is_refused_with_a_reason(text: str, why: str) -> None:
    """Damage, XML bombs and other XML are errors, never an empty packet."""
    with pytest.raises(PacketError, match=why):
        Packet.parse(text)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.sampled_from(["xmp:Label='x'", 'xmp:Label="x"', ""]),
    st.sampled_from(["<xmp:Label/>", "<xmp:Label>x</xmp:Label>", ""]),
)
def test_any_text_survives_the_round_trip(value: str, attribute: str, element: str) -> None:
    """It is read back in each of the three forms, and the packet stays well formed."""
    after = change(make_packet("" if element else attribute, element), Label=value)
    fromstring(after)
    assert Packet.parse(after).value(XMP + "Label") == (value.strip() or None)


def test_empty_property_keeps_its_other_attributes() -> None:
    """Its namespace may be declared there; the packet stays well formed."""
    before = make_packet("", '<x:Label xmlns:x="http://ns.adobe.com/xap/1.0/" xml:lang="de"/>')
    after = change(before, Label="Rot")
    fromstring(after)
    assert '<x:Label xmlns:x="http://ns.adobe.com/xap/1.0/" xml:lang="de">Rot</x:Label>' in after


def test_text_that_would_not_be_read_back_is_refused() -> None:
    """A change that another property does not survive is an error, not a damaged sidecar."""
    packet = Packet.parse(make_packet("xmp:Label='x' xmp:Nickname='n'", ""))
    nickname = packet.properties[XMP + "Nickname"]
    broken = replace(packet, properties={**packet.properties, XMP + "Label": nickname})
    with pytest.raises(PacketError, match="other properties"):
        broken.with_changes({XMP + "Label": "y"}, PREFIXES)
