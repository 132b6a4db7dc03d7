"""The contract: the document, the application and the protocol's page say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig

from autocull.judge import PROFILES, Settings
from autocull.serve.http.error_handlers import STATUS
from support.job_fixtures import TOKEN, Daemon, daemon

DOCUMENT: dict[str, Any] = json.loads(files("autocull.serve").joinpath("openapi.json").read_text("utf-8"))
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "protocol.md").read_text("utf-8")
MADE_UP = {"positive_data_acceptance": {"expected-statuses": ["2xx", 404, 409]}}
CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {"max-examples": 12, "deterministic": True},
        "operations": [
            {"include-name": name, "checks": MADE_UP}
            for name in (
                "GET /v1/jobs/{job}",
                "POST /v1/jobs/{job}/photos",
                "POST /v1/learnings",
                "GET /v1/learnings/{learning}",
                "POST /v1/learnings/{learning}/decisions",
            )
        ]
        + [
            {  # a marks table must have a row of 0 for every verdict, which no schema says
                "include-name": "POST /v1/jobs",
                "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 422]}},
            }
        ],
    }
)


class Later:
    """An application that is there when the tests run; their cases are drawn from the document before."""

    def __init__(self) -> None:
        self.app: Flask | None = None

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer as the application does."""
        assert self.app is not None
        return self.app(environ, start_response)


CONTRACT = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
CONTRACT.app = Later()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """Open one daemon for all requests; nothing is worked on."""
    with daemon(tmp_path_factory.mktemp("daemon"), running=False) as opened:
        yield opened


@CONTRACT.parametrize()
def test_every_answer_is_as_the_document_says(case: schemathesis.Case, served: Daemon) -> None:
    """Whatever is asked, rightly or wrongly, status, headers and body are those of the document."""
    CONTRACT.app.app = served.app
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})


def routes(served: Daemon) -> set[tuple[str, str]]:
    """List every method and address of the application, as the document writes them."""
    return {
        (method.lower(), re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in served.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }


def test_every_address_is_in_the_document_and_the_other_way_round(served: Daemon) -> None:
    """Neither promises what the other does not have."""
    documented = {
        (method, path)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert routes(served) == documented


def test_every_address_is_on_the_page(served: Daemon) -> None:
    """docs/protocol.md has a heading for each endpoint, and none that does not exist."""
    told = {
        (method.lower(), re.sub(r"\?.*", "", path))
        for method, path in re.findall(r"^### `(\w+) (\S+)`", PAGE, re.M)
    }
    assert told == {(method, re.sub(r"\{\w+\}", "ID", path)) for method, path in routes(served)}


def test_the_codes_of_the_page_are_those_of_the_application() -> None:
    """The table of statuses and codes in docs/protocol.md is the one that answers."""
    told = {
        code: int(status)
        for status, codes in re.findall(r"^\| (\d{3}) \| (.+) \|$", PAGE, re.M)
        for code in re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", codes))
    }
    assert told == dict(STATUS)


def test_each_attack_and_fault_of_the_page_has_its_test() -> None:
    """Every row is tested by its number, but for photos and models, whose tests the page names itself."""
    rows = {int(number) for number in re.findall(r"^\| (\d{1,2}) \|", PAGE, re.M)}
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    tested = {int(row) for source in sources for row in re.findall(r"def test_row_(\d+)_", source)}
    assert rows == tested | {14, 16} == set(range(1, 29))


def test_the_settings_of_a_job_are_those_there_are() -> None:
    """The document knows each setting with its range, and each profile."""
    job, changes = (DOCUMENT["components"]["schemas"][name] for name in ("NewJob", "Changes"))
    assert job["properties"]["profile"]["enum"] == list(PROFILES)
    told = {name: values for name, values in changes["properties"].items() if name != "marks"}
    keys = ("type", "minimum", "maximum", "enum", "description")
    properties = Settings.model_json_schema()["properties"]
    assert told == {
        name: {key: value for key, value in properties[name].items() if key in keys}
        for name in properties
        if name != "marks"
    }


def test_every_schema_is_used_and_every_reference_leads_somewhere() -> None:
    """The document has no loose ends."""
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)))
    assert used == set(DOCUMENT["components"]["schemas"])
