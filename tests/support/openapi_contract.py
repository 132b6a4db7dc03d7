"""The OpenAPI document as a check of single responses."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

DOCUMENT: dict[str, Any] = json.loads(files("autocull.serve").joinpath("openapi.json").read_text("utf-8"))


def check_response(method: str, address: str, response: TestResponse) -> None:
    """Fail if the response of a documented operation does not match the document."""
    operation = _operation(method.lower(), address.partition("?")[0])
    if operation is None:
        return
    documented = operation["responses"].get(str(response.status_code))
    assert documented is not None, (
        f"{method} {address} answers {response.status_code}, which is not documented"
    )
    _validator(documented["content"]["application/json"]["schema"]["$ref"]).validate(response.get_json())


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            operation: dict[str, Any] | None = operations.get(method)
            return operation
    return None


@cache
def _validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": reference, "components": DOCUMENT["components"]})
