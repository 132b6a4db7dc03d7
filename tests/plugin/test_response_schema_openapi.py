"""ResponseSchema.lua against `openapi.json`: the plug-in accepts what the document allows, and nothing else.

The plug-in checks the daemon's answers by hand, field by field. Examples, nulls, enumerations and wrong
values are derived from the document, so that neither can change without the other.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plugin.pure import Modules, read

DOCUMENT: dict[str, Any] = json.loads(files("autocull.serve").joinpath("openapi.json").read_text("utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
MODULES = Modules()


@dataclass(frozen=True)
class Answer:
    """A kind of answer: the document's `schema`, the plug-in's `check` and its further `arguments`.

    `absent` names the fields that are null in the example. The plug-in does not read those in `not_read`, and
    checks only the type of those in `type_only`: it shows codes of a later version, labels of the
    photographer's own and some numbers as they are. The items of a page, `items`, have a check of their own.
    """

    schema: dict[str, Any]
    check: str
    arguments: tuple[Any, ...] = ()
    absent: frozenset[str] = frozenset()
    not_read: frozenset[str] = frozenset()
    type_only: frozenset[str] = frozenset()
    items: str | None = None

    @property
    def example(self) -> Any:
        """An answer that the document allows, with every field that is not `absent`."""
        return example(self.schema) | dict.fromkeys(self.absent)


JUDGED = {
    "verdict",
    "rating",
    "label",
    "flag",
    "score",
    "series",
    "select",
    "focus",
    "eyes",
    "category",
    "model",
}
ANSWERS = {
    "judged result": Answer(
        SCHEMAS["Result"],
        "result",
        absent=frozenset({"error"}),
        not_read=frozenset({"reasons.where"}),
        type_only=frozenset({"eyes", "category", "model", "source", "focus.kind", "series.kind"}),
    ),
    "unreadable result": Answer(
        SCHEMAS["Result"],
        "result",
        absent=frozenset(JUDGED),
        not_read=frozenset({"reasons", "source"}),
    ),
    "job": Answer(
        SCHEMAS["Job"],
        "job",
        not_read=frozenset(
            {
                "catalog",
                "source",
                "purpose",
                "profile",
                "more",
                "errors",
                "verdicts",
                "reasons",
                "created",
                "message",
            }
        ),
        type_only=frozenset({"rate", "seconds_left"}),
    ),
    "learning": Answer(SCHEMAS["Learning"], "learning", not_read=frozenset({"name", "created"})),
    "journal entry": Answer(
        SCHEMAS["Entries"]["properties"]["entries"]["items"],
        "journalEntry",
        not_read=frozenset({"number"}),
        type_only=frozenset({"before.label"}),
    ),
    "page of results": Answer(SCHEMAS["Results"], "page", (b"results", 0), items="results"),
    "page of entries": Answer(SCHEMAS["Entries"], "page", (b"entries", 0), items="entries"),
}

EITHER = {("verdict",), ("error",)}
"""Fields of a result of which one is there where the other is null."""

SCALARS = ("?", -2, 0.5, 10**6, True)
Path = tuple[str, ...]


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema behind a reference or a choice with null."""
    if "$ref" in schema:
        return resolve(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "oneOf" in schema:
        return resolve(next(each for each in schema["oneOf"] if each.get("type") != "null"))
    return schema


def types(schema: dict[str, Any]) -> list[str]:
    """Return the JSON types that a schema names."""
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else named


def example(schema: dict[str, Any]) -> Any:
    """Return a value that the schema allows, with every field and no null; a text is a colour's name."""
    schema = resolve(schema)
    if "enum" in schema:
        return schema["enum"][0]
    if "example" in schema:
        return schema["example"]
    kind = next(each for each in types(schema) if each != "null")
    if kind == "object":
        return {name: example(each) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema["items"])] * schema.get("minItems", 1)
    if kind == "string":
        length = re.search(r"\{(\d+)\}", schema.get("pattern", ""))
        return "0" * int(length[1]) if length else "red"
    return kind == "boolean" or 1


def fields(schema: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Return every field below a schema with its own schema; an array stands for its first item."""
    resolved = resolve(schema)
    if path:
        yield path, schema
    for name, each in resolved.get("properties", {}).items():
        yield from fields(each, (*path, name))
    for name, each in resolve(resolved.get("items", {})).get("properties", {}).items():
        yield from fields(each, (*path, name))


def allows(schema: dict[str, Any], value: Any) -> bool:
    """Return whether the document allows a value."""
    is_valid: bool = Draft202012Validator(schema | {"components": DOCUMENT["components"]}).is_valid(value)
    return is_valid


def changed(value: Any, path: Path, new: Any) -> Any:
    """Return a copy of `value` with one field changed."""
    result = copy.deepcopy(value)
    parent = result
    for name in path[:-1]:
        parent = parent[name][0] if isinstance(parent[name], list) else parent[name]
    parent[path[-1]] = new
    return result


def accepts(answer: Answer, value: Any) -> bool:
    """Return whether the plug-in accepts an answer as it comes over the wire."""
    decoded = MODULES["Json"].decode(json.dumps(value).encode())
    outcome = read(MODULES["ResponseSchema"][answer.check.encode()](decoded, *answer.arguments))
    return not (isinstance(outcome, tuple) and outcome[0] is None)


def is_below(path: Path, names: frozenset[str]) -> bool:
    """Return whether a field is one of `names`, or is below one."""
    return any(".".join(path[:length]) in names for length in range(1, len(path) + 1))


def rows(*, choices: bool = False) -> list[Any]:
    """Return a parameter for each field of each answer, or only for the enumerations among them."""
    return [
        pytest.param(answer, path, schema, id=f"{name}: {'.'.join(path)}")
        for name, answer in ANSWERS.items()
        for path, schema in fields(answer.schema)
        if not is_below(path, answer.absent) and (path[0] != answer.items or len(path) == 1)
        if not choices or "enum" in resolve(schema)
    ]


@pytest.mark.parametrize("name", ANSWERS)
def test_example_of_the_document_is_accepted(name: str) -> None:
    """With every field that there is."""
    answer = ANSWERS[name]
    assert allows(answer.schema, answer.example)
    assert accepts(answer, answer.example)


@pytest.mark.parametrize(("answer", "path", "schema"), rows())
def test_null_is_accepted_where_the_document_allows_it(
    answer: Answer, path: Path, schema: dict[str, Any]
) -> None:
    """Json.lua turns it into an absent field."""
    value = changed(answer.example, path, None)
    if allows(answer.schema, value) and path not in EITHER:
        assert accepts(answer, value)


@pytest.mark.parametrize(("answer", "path", "schema"), rows(choices=True))
def test_every_choice_of_the_document_is_accepted(answer: Answer, path: Path, schema: dict[str, Any]) -> None:
    """A new state or verdict needs a new plug-in."""
    for choice in resolve(schema)["enum"]:
        assert accepts(answer, changed(answer.example, path, choice)), choice


@pytest.mark.parametrize(("answer", "path", "schema"), rows())
def test_value_of_the_wrong_type_is_refused(answer: Answer, path: Path, schema: dict[str, Any]) -> None:
    """In every field that the plug-in reads, and in no other."""
    for wrong in SCALARS:
        if type(wrong) is not type(example(schema)) and not allows(schema, wrong):
            is_accepted = accepts(answer, changed(answer.example, path, wrong))
            assert is_accepted == is_below(path, answer.not_read), wrong


@pytest.mark.parametrize(("answer", "path", "schema"), rows())
def test_value_out_of_range_is_refused(answer: Answer, path: Path, schema: dict[str, Any]) -> None:
    """Stars, flags, labels and shares may be written to a catalog."""
    for wrong in SCALARS:
        if not allows(schema, wrong) and not is_below(path, answer.not_read | answer.type_only):
            assert not accepts(answer, changed(answer.example, path, wrong)), wrong
