"""Write the parts of files that follow from criteria, settings and labels.

Run `python docs/tools/generate.py` after a change of `autocull.judge.criteria`, of `Settings`, of a profile
or of `autocull.vocabulary`. A test fails while a file is not up to date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import plugin_texts
import settings_tables
from autocull.judge import Settings
from autocull.vocabulary import CATEGORIES, DEFECTS

ROOT = Path(__file__).resolve().parents[2]
_SCHEMA_KEYS = ("description", "enum", "maximum", "minimum", "type")


def fill_settings_page(text: str) -> str:
    """Replace the tables of docs/settings.md; raises ValueError where one is not in `text`."""
    for make_table in settings_tables.TABLES:
        table = make_table()
        head = re.escape(table.split("\n", 1)[0])
        text, count = re.subn(rf"^{head}\n(?:\|.*\n)+", lambda _, new=table: f"{new}\n", text, flags=re.M)
        if count != 1:
            raise ValueError(f"{count} tables have the head of {make_table.__name__}")
    return text


def fill_fixture_schema(text: str) -> str:
    """Replace the labels that every photo of a fixture must have a probability of."""
    schema = json.loads(text)
    properties = schema["$defs"]["evidence"]["properties"]
    properties["defects"]["required"] = list(DEFECTS)
    properties["category"]["required"] = list(CATEGORIES)
    return json.dumps(schema, indent=1) + "\n"


def fill_metadata_definition(text: str) -> str:
    """Replace the values of the plug-in's field of main reasons; raises ValueError without them."""
    text, count = re.subn(
        r"^local REASONS = \{\n.*?^\}", lambda _: plugin_texts.metadata_reasons(), text, flags=re.M | re.S
    )
    if count != 1:
        raise ValueError(f"{count} tables have the name REASONS")
    return text


def fill_openapi(text: str) -> str:
    """Replace the settings that a job may change; raises ValueError where they are not in `text`."""
    settings = Settings.model_json_schema()["properties"]
    lines = "".join(_format_setting(name, settings[name]) for name in settings if name != "marks")
    pattern = r'("Changes": \{\n(?:    .*\n)*?    "properties": \{\n)(?:     .*\n)*?(     "marks": \{)'
    text, count = re.subn(pattern, lambda match: match[1] + lines + match[2], text)
    if count != 1:
        raise ValueError(f"{count} schemas have the shape of Changes")
    return text


def _format_setting(name: str, schema: Mapping[str, Any]) -> str:
    rows = [
        f'      "{key}": {json.dumps(schema[key], ensure_ascii=False)}'
        for key in _SCHEMA_KEYS
        if key in schema
    ]
    return f'     "{name}": {{\n' + ",\n".join(rows) + "\n     },\n"


FILES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "docs/settings.md": fill_settings_page,
        "daemon/autocull/fixtures/fixture.schema.json": fill_fixture_schema,
        "daemon/autocull/serve/openapi.json": fill_openapi,
        "lightroom_plugin.lrdevplugin/MetadataDefinition.lua": fill_metadata_definition,
        "lightroom_plugin.lrdevplugin/ReasonTextTable.lua": lambda _: plugin_texts.reason_texts_table(),
    }
)
"""Each file, and the function that returns its text with the generated parts replaced."""


def main(root: Path = ROOT) -> None:
    """Bring every file below `root` up to date."""
    for name, fill in FILES.items():
        path = root / name
        path.write_text(fill(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
