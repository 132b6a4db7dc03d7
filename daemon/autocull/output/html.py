"""The template engine of HTML pages: escaped texts, and checksums of inline styles and scripts."""

from __future__ import annotations

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined


def create_page_environment(package: str) -> Environment:
    """Create the template engine for the folder `page` of a package: texts are escaped, unknown names raise.

    Its filter `checksum` returns the checksum of an inline style or script for a content security policy.
    """
    environment = Environment(
        loader=PackageLoader(package, "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["checksum"] = _checksum
    return environment


def _checksum(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode("ascii")
