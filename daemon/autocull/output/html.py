"""What every page of ours is made with: templates that escape, and checksums of its own style and script."""

from __future__ import annotations

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined


def create_page_environment(package: str) -> Environment:
    """Make the template engine for the folder `page` of a package: texts are escaped, unknown names are bugs.

    Its filter `checksum` gives the form in which a content security policy names an inline style or script.
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
