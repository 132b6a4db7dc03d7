"""The OpenAPI document as a judge of single answers."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

DOCUMENT: dict[str, Any] = json.loads(files("autocull.serve").joinpath("openapi.json").read_text("utf-8"))


def check(method: str, address: str, response: TestResponse) -> None:
    """Fail where an answer of a documented operation is none of those that the document has for it."""
    operation = _operation(method.lower(), address.partition("?")[0])
    if operation is None:
        return
    told = operation["responses"].get(str(response.status_code))
    assert told is not None, f"{method} {address} answers {response.status_code}, which is not documented"
    _validator(told["content"]["application/json"]["schema"]["$ref"]).validate(response.get_json())


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            found: dict[str, Any] | None = operations.get(method)
            return found
    return None


@cache
def _validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": reference, "components": DOCUMENT["components"]})
