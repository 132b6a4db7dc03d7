"""The OpenAPI document, the application and docs/protocol.md agree."""

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

from autocull.errors import PhotoError
from autocull.judge import PROFILES, Settings
from autocull.serve.http.error_handlers import STATUS
from support.job_fixtures import TOKEN, Daemon, open_daemon

DOCUMENT: dict[str, Any] = json.loads(files("autocull.serve").joinpath("openapi.json").read_text("utf-8"))
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "protocol.md").read_text("utf-8")
CHECKS = {"positive_data_acceptance": {"expected-statuses": ["2xx", 404, 409]}}
CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {"max-examples": 12, "deterministic": True},
        "operations": [
            {"include-name": name, "checks": CHECKS}
            for name in (
                "GET /v1/jobs/{job}",
                "POST /v1/jobs/{job}/photos",
                "POST /v1/learnings",
                "GET /v1/learnings/{learning}",
                "POST /v1/learnings/{learning}/decisions",
            )
        ]
        + [
            {  # a marks table must have a row of 0 for every verdict, which the schema cannot express
                "include-name": "POST /v1/jobs",
                "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 422]}},
            }
        ],
    }
)


class DeferredApp:
    """An application that is set when the tests run; their cases are generated before from the document."""

    def __init__(self) -> None:
        self.app: Flask | None = None

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer by the application."""
        assert self.app is not None
        return self.app(environ, start_response)


CONTRACT = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
CONTRACT.app = DeferredApp()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """Open one daemon for all requests; its runner is not started."""
    with open_daemon(tmp_path_factory.mktemp("daemon"), running=False) as daemon:
        yield daemon


@CONTRACT.parametrize()
def test_responses_match_the_document(case: schemathesis.Case, daemon: Daemon) -> None:
    """For valid and invalid requests: status, headers and body."""
    CONTRACT.app.app = daemon.app
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})


def list_routes(daemon: Daemon) -> set[tuple[str, str]]:
    """Return every method and path of the application, in the notation of the document."""
    return {
        (method.lower(), re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in daemon.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }


def test_document_has_exactly_the_routes(daemon: Daemon) -> None:
    """Neither has an operation that the other lacks."""
    documented = {
        (method, path)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert list_routes(daemon) == documented


def test_protocol_page_has_exactly_the_routes(daemon: Daemon) -> None:
    """docs/protocol.md has a heading for each."""
    documented = {
        (method.lower(), re.sub(r"\?.*", "", path))
        for method, path in re.findall(r"^### `(\w+) (\S+)`", PAGE, re.M)
    }
    assert documented == {(method, re.sub(r"\{\w+\}", "ID", path)) for method, path in list_routes(daemon)}


def test_protocol_page_has_exactly_the_error_codes() -> None:
    """The table of statuses and codes in docs/protocol.md."""
    documented = {
        code: int(status)
        for status, codes in re.findall(r"^\| (\d{3}) \| (.+) \|$", PAGE, re.M)
        for code in re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", codes))
    }
    assert documented == dict(STATUS)


def test_protocol_page_has_every_reason_of_an_error() -> None:
    """Those in the sources are those in the table of texts in another language."""
    sources = [path.read_text("utf-8") for path in (ROOT / "daemon" / "autocull").rglob("*.py")]
    raised = {reason for source in sources for reason in re.findall(r'"reason": "(\w+)"', source)}
    table = PAGE.partition("| code | `reason` |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\|[^|]*\| `(\w+)`", table, re.M)) == raised
    assert set(re.findall(r"^\| `(\w+)`", table, re.M)) <= set(STATUS)


def test_protocol_page_has_every_code_of_photos_jobs_and_learnings() -> None:
    """Those of photos as `PhotoError` documents them, the others as they are raised."""
    table = PAGE.partition("| where | code |")[2].partition("\n\n")[0]
    of_photos, _, others = table.partition("| a job's")
    assert set(re.findall(r"`(\w+)`", of_photos)) - {"error", "seconds"} == set(
        re.findall(r"`(\w+)`", (PhotoError.__doc__ or "").partition("Codes:")[2])
    )
    for code in (
        "model",
        "internal",
        "not_compared",
        "too_few_decisions",
        "too_few_shoots",
        "ended",
        "not_started",
    ):
        assert f"`{code}`" in others


def test_every_documented_attack_and_fault_has_a_test() -> None:
    """By its row's number, except for photos and models, whose tests the page names itself."""
    rows = {int(number) for number in re.findall(r"^\| (\d{1,2}) \|", PAGE, re.M)}
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    tested = {int(row) for source in sources for row in re.findall(r"def test_row_(\d+)_", source)}
    assert rows == tested | {14, 16} == set(range(1, 29))


def test_document_has_the_settings_of_a_job() -> None:
    """Each setting with its range, and each profile."""
    job, changes = (DOCUMENT["components"]["schemas"][name] for name in ("NewJob", "Changes"))
    assert job["properties"]["profile"]["enum"] == list(PROFILES)
    documented = {name: values for name, values in changes["properties"].items() if name != "marks"}
    keys = ("type", "minimum", "maximum", "enum", "description")
    properties = Settings.model_json_schema()["properties"]
    assert documented == {
        name: {key: value for key, value in properties[name].items() if key in keys}
        for name in properties
        if name != "marks"
    }


def test_every_schema_is_used_and_every_reference_is_valid() -> None:
    """The document has no unused parts."""
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)))
    assert used == set(DOCUMENT["components"]["schemas"])
