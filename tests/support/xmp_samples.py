"""A sidecar as Lightroom Classic writes it: develop settings, a snapshot with its own marks, a packet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autocull.judge.verdict import Marks
from autocull.output.sidecars.merge import LABEL_NAMES, Policy, merge_marks
from autocull.output.sidecars.xmp_packet import Packet

_XMP = "{http://ns.adobe.com/xap/1.0/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_DYNAMIC = "{http://ns.adobe.com/xmp/1.0/DynamicMedia/}"

LIGHTROOM = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0-c000 1.000000, 0000/00/00-00:00:00        ">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:crss="http://ns.adobe.com/camera-raw-saved-settings/1.0/"
   xmp:CreatorTool="Adobe Photoshop Lightroom Classic 15.5.1 (Windows)"
   xmp:MetadataDate="2026-05-01T10:11:12.34+02:00"
   @MARKS@
   photoshop:SidecarForExtension="NEF"
   xmpMM:DocumentID="F5C6B3D5A1B2C3D4E5F60718293A4B5C"
   crs:Version="18.5"
   crs:Exposure2012="+0.35"
   crs:HasSettings="True">
   <dc:subject>
    <rdf:Bag>
     <rdf:li>mariée &amp; marié</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <crs:ToneCurvePV2012>
    <rdf:Seq>
     <rdf:li>0, 0</rdf:li>
     <rdf:li>255, 255</rdf:li>
    </rdf:Seq>
   </crs:ToneCurvePV2012>
   <crss:SavedSettings>
    <rdf:Bag>
     <rdf:li>
      <rdf:Description
       crss:Name="Vor dem Beschnitt"
       xmp:Rating="5"
       xmp:Label="Red"
       photoshop:LabelColor="red"
       xmpDM:pick="1">
      <crss:Parameters>
       <rdf:Description
        crs:Exposure2012="0.00">
       <xmp:Rating>5</xmp:Rating>
       </rdf:Description>
      </crss:Parameters>
      </rdf:Description>
     </rdf:li>
    </rdf:Bag>
   </crss:SavedSettings>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def merge_text(
    text: str | None, marks: Marks, *, extension: str = "NEF", policy: Policy | None = None
) -> str | None:
    """Return the text of a sidecar with `marks` merged into it, None where nothing has to be written."""
    packet = Packet.parse(text) if text is not None else None
    return merge_marks(packet, marks, extension=extension, policy=policy or Policy())


def lightroom(marks: str) -> str:
    """Return the sidecar with `marks`, written as attributes, among the photo's own properties."""
    return LIGHTROOM.replace("@MARKS@", marks) if marks else LIGHTROOM.replace("   @MARKS@\n", "")


def marked_sidecar(current: Mapping[str, Any], written: Mapping[str, Any] | None) -> str:
    """Return a sidecar into which Autocull wrote `written`, changed by the user to the marks `current`.

    Both have the keys `rating`, `label` and `flag`; a label that is no colour is a name of the user's.
    """
    text = lightroom("")
    if written:
        text = merge_text(text, Marks(written["rating"], written["label"], written["flag"])) or text
    rating, label, flag = current["rating"], current["label"], current["flag"]
    colour = LABEL_NAMES.get(label)
    changes = {
        f"{_XMP}Rating": str(rating) if rating else None,
        f"{_XMP}Label": colour or (None if label == "none" else label),
        f"{_PHOTOSHOP}LabelColor": label if colour else None,
        f"{_DYNAMIC}pick": str(flag) if flag else None,
        f"{_DYNAMIC}good": {1: "true", -1: "false"}.get(flag),
    }
    return Packet.parse(text).with_changes(changes, {})
