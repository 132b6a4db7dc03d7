"""The custom fields and the Metadata panel's preset: few, searchable where it helps, never changed."""

from __future__ import annotations

import json

import pytest

from autocull.judge.texts.reasons import REASON_TEXTS
from autocull.judge.verdict import Answer, EyesAnswer
from autocull.series.model import Kind
from plugin.literal_files import ROOT, german, table

DEFINITION = table("MetadataDefinition.lua")
FIELDS = {field["id"]: field for field in DEFINITION["metadataFieldsForPhotos"]}
ITEMS = table("MetadataTagset.lua")["items"]


def values(name: str) -> list[str]:
    """The codes of an enumeration, in order."""
    result = FIELDS[name]["values"]
    return [result[key]["value"] for key in sorted(key for key in result if isinstance(key, int))]


def test_fields_are_unchanged() -> None:
    """A published field stays in every catalog: none can ever be removed."""
    assert list(FIELDS) == [
        "verdict",
        "score",
        "reasons",
        "focus",
        "eyes",
        "category",
        "model",
        "seriesId",
        "seriesKind",
        "seriesRank",
        "select",
        "mainReason",
        "cullState",
        "written",
    ]


@pytest.mark.parametrize("name", FIELDS)
def test_fields_follow_the_rules_of_the_host(name: str) -> None:
    """Ids are letters and digits; searching needs a title, browsing needs searching."""
    field = FIELDS[name]
    assert name.isalnum()
    assert name[0].isalpha()
    assert field["dataType"] in {"string", "enum"}
    assert "datatype" not in field
    assert not field.get("searchable") or field["title"]
    assert not field.get("browsable") or field["searchable"]
    assert field["version"] == {"seriesKind": 2, "seriesRank": 2}.get(name, 1)


def test_changed_field_raises_the_schema_version() -> None:
    """Else Lightroom refuses to upgrade the catalog: each change of a field raises the schema's version."""
    assert DEFINITION["schemaVersion"] == 3
    assert max(field["version"] for field in FIELDS.values()) <= DEFINITION["schemaVersion"]


def test_visible_fields_are_read_only() -> None:
    """What the panel shows is what was measured."""
    assert all(field["readOnly"] for field in FIELDS.values() if "title" in field)


def test_long_reasons_are_not_searchable() -> None:
    """A searchable text is limited to 511 bytes; the reasons may be longer."""
    assert not FIELDS["reasons"]["searchable"]


def test_internal_fields_are_not_shown() -> None:
    """The marker and the written marks have no title, which makes them private."""
    assert [name for name, field in FIELDS.items() if "title" not in field] == ["cullState", "written"]


def test_enumerations_hold_the_daemons_codes() -> None:
    """Each verdict, state of the eyes and category of the daemon has a title."""
    assert set(values("verdict")) == set(Answer.__args__)
    assert set(values("eyes")) == set(EyesAnswer.__args__)
    config = json.loads((ROOT / "models/category/config.json").read_text("utf-8"))
    assert set(values("category")) == set(config["classes"])
    assert set(values("seriesKind")) == set(Kind.__args__)
    assert values("mainReason") == list(REASON_TEXTS)


@pytest.mark.parametrize("name", ["verdict", "eyes", "category", "seriesKind", "mainReason"])
def test_code_of_a_later_daemon_is_accepted(name: str) -> None:
    """An unknown code must not fail the gate that writes the marks."""
    assert FIELDS[name]["values"]["allowPluginToSetOtherValues"] is True


def test_filter_bar_offers_verdict_reason_series_and_rank() -> None:
    """What a photographer filters by is browsable, which the columns of the filter bar need."""
    browsable = [name for name, field in FIELDS.items() if field.get("browsable")]
    assert browsable == ["verdict", "eyes", "category", "seriesKind", "seriesRank", "mainReason"]


def test_upgrade_keeps_all_values() -> None:
    """No upgrade function touches what a catalog holds: a new field is empty until the next run."""
    assert "updateFromEarlierSchemaVersion" not in DEFINITION
    assert "noAutoUpdate" not in DEFINITION


def test_preset_shows_every_visible_field() -> None:
    """The preset shows all of them, and other fields only of Lightroom."""
    own_fields = [item for item in ITEMS if not item.startswith("com.adobe.")]
    assert own_fields == [
        f"app.autocull.lightroom.{name}" for name, field in FIELDS.items() if "title" in field
    ]


def test_field_titles_are_german_in_a_german_lightroom() -> None:
    """Titles and values come from the German file."""
    verdict = table("MetadataDefinition.lua", german())["metadataFieldsForPhotos"][0]
    assert verdict["title"] == "Urteil"
    assert [value["title"] for key, value in verdict["values"].items() if isinstance(key, int)] == [
        "Behalten",
        "Ablehnen",
        "Unklar",
    ]
