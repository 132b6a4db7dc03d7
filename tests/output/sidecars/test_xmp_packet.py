"""XMP packets: read as RDF says, changed in places, every other byte kept."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from autocull.output.sidecars.xmp_packet import Packet, PacketError

XMP = "{http://ns.adobe.com/xap/1.0/}"
OWN = "{urn:own}"
PREFIXES = {"urn:own": "own", "http://ns.adobe.com/xap/1.0/": "xmp"}
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def packet(
    attributes: str = "", inside: str = "", space: str = 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
) -> str:
    """Write a packet with one description."""
    start = f'<rdf:RDF {RDF}><rdf:Description rdf:about="" {space} {attributes}>'
    return f"{start}{inside}</rdf:Description></rdf:RDF>"


def changed(text: str, **values: str | None) -> str:
    """Change properties of the XMP namespace."""
    return Packet.parse(text).with_changes({XMP + name: value for name, value in values.items()}, PREFIXES)


@pytest.mark.parametrize(
    "text",
    [
        packet('xmp:Label="Red"'),
        packet("xmp:Label='Red'"),
        packet('xmp:Label = "Red"'),
        packet(inside="<xmp:Label>Red</xmp:Label>"),
        packet(inside="\n <xmp:Label>\n  Red</xmp:Label >"),
        packet(inside='<n:Label xmlns:n="http://ns.adobe.com/xap/1.0/">Red</n:Label>'),
        packet('n:Label="Red"', space='xmlns:n="http://ns.adobe.com/xap/1.0/"'),
        packet('xmp:Label="&#82;e&#x64;"'),
    ],
)
def test_a_property_is_read_and_replaced_however_it_is_written(text: str) -> None:
    """Attributes, elements, either quote, any prefix, character references: all the same RDF."""
    assert Packet.parse(text).value(XMP + "Label") == "Red"
    after = changed(text, Label="Blue")
    assert Packet.parse(after).value(XMP + "Label") == "Blue"
    assert "Blue" in after
    assert "Red" not in after
    gone = changed(text, Label=None)
    assert Packet.parse(gone).value(XMP + "Label") is None
    assert "Label" not in gone


def test_only_the_named_bytes_change() -> None:
    """Comments, odd spacing, entities and unknown namespaces stay to the byte."""
    before = packet(
        "\r\n\t xmp:Rating='2'  odd:x = \"a&#10;&lt;b\" xmlns:odd='urn:odd'",
        "<!-- she said > & --><odd:deep><![CDATA[<xmp:Rating>9</xmp:Rating>]]></odd:deep>",
    )
    assert changed(before, Rating="4") == before.replace("xmp:Rating='2'", "xmp:Rating='4'")


def test_nested_descriptions_are_not_the_photos() -> None:
    """The rating of a saved snapshot is neither read nor changed."""
    settings = '<rdf:Description xmp:Rating="5"><xmp:Label>Red</xmp:Label></rdf:Description>'
    snapshot = f"<xmp:Saved><rdf:RDF {RDF}>{settings}</rdf:RDF></xmp:Saved>"
    snapshot += '<xmp:More><rdf:Description xmp:Rating="4"/></xmp:More>'
    found = Packet.parse(packet(inside=snapshot))
    assert found.value(XMP + "Rating") is None
    assert found.value(XMP + "Label") is None
    assert snapshot in changed(packet(inside=snapshot), Rating="1")


def test_properties_of_several_descriptions_are_one_photos() -> None:
    """Older packets have one description for each namespace."""
    text = f'<rdf:RDF {RDF}><rdf:Description a:b="1" xmlns:a="urn:a"/><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:Rating>3</xmp:Rating></rdf:Description></rdf:RDF>'
    assert Packet.parse(text).value(XMP + "Rating") == "3"
    after = changed(text, Rating="4", Label="Red")
    assert after.count("Rating") == 2
    assert Packet.parse(after).value(XMP + "Label") == "Red"


def test_a_new_attribute_stands_as_its_neighbours_do() -> None:
    """Lightroom writes one attribute per line; so do we, in its own indentation."""
    space = 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n   xmp:Rating="3"'
    after = changed(f"<rdf:RDF {RDF}><rdf:Description {space}/></rdf:RDF>", Label="Red")
    assert f'{space}\n   xmp:Label="Red"/>' in after


@pytest.mark.parametrize(
    "inside", ["<xmp:Label/>", "<xmp:Label />", "<xmp:Label></xmp:Label>", "<xmp:Label> </xmp:Label>"]
)
def test_an_empty_element_is_blank_and_can_be_filled(inside: str) -> None:
    """A property without text counts as unset, and its element is used."""
    assert Packet.parse(packet(inside=inside)).value(XMP + "Label") is None
    after = changed(packet(inside=inside), Label="Red")
    assert after == packet(inside="<xmp:Label>Red</xmp:Label>")


def test_a_taken_prefix_is_not_stolen() -> None:
    """Where "own" means something else, ours gets another prefix, and the old one keeps its sense."""
    before = packet('own:x="1"', "<own:y>2</own:y>", space='xmlns:own="urn:foreign" xmlns:own2="urn:other"')
    after = Packet.parse(Packet.parse(before).with_changes({OWN + "z": "3"}, PREFIXES))
    assert after.value("{urn:foreign}x") == "1"
    assert after.value("{urn:foreign}y") == "2"
    assert after.value(OWN + "z") == "3"
    assert after.prefixes["own3"] == "urn:own"


def test_a_default_namespace_is_no_prefix_for_attributes() -> None:
    """An attribute without a prefix has no namespace, so one is declared."""
    before = packet(inside='<a xmlns="urn:own"/>', space='xmlns="urn:own"')
    assert Packet.parse(Packet.parse(before).with_changes({OWN + "z": "3"}, PREFIXES)).value(OWN + "z") == "3"


@pytest.mark.parametrize(
    "text",
    [f"<rdf:RDF {RDF}/>", f"<x><rdf:RDF {RDF}></rdf:RDF></x>", f"<r:RDF {RDF.replace(':rdf', ':r')} />"],
)
def test_an_empty_root_gets_a_description(text: str) -> None:
    """RDF without a description is legal, and can be written to."""
    assert Packet.parse(changed(text, Rating="2")).value(XMP + "Rating") == "2"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "damaged"),
        ("<a/>", "no XMP"),
        ("<rdf:RDF", "damaged"),
        (packet()[:-3], "damaged"),
        (packet("xmp:A='1' xmp:A='2'"), "damaged"),
        (packet(inside="\0"), "damaged"),
        ('<!DOCTYPE a [<!ENTITY b "bomb">]>' + packet(inside="&b;"), "entities"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd">' + packet(), "document type"),
        (f"<a><b><rdf:RDF {RDF}/></b></a>", "no XMP"),
    ],
)
def test_what_is_no_packet_is_refused_with_its_reason(text: str, why: str) -> None:
    """Damage, bombs and foreign XML are errors, never an empty answer."""
    with pytest.raises(PacketError, match=why):
        Packet.parse(text)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.sampled_from(["xmp:Label='x'", 'xmp:Label="x"', ""]),
    st.sampled_from(["<xmp:Label/>", "<xmp:Label>x</xmp:Label>", ""]),
)
def test_any_text_survives_being_written(value: str, attribute: str, element: str) -> None:
    """Whatever is written is read back, in each of the three forms, and the packet stays well formed."""
    after = changed(packet("" if element else attribute, element), Label=value)
    fromstring(after)
    assert Packet.parse(after).value(XMP + "Label") == (value.strip() or None)
