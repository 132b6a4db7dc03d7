"""MkDocs hooks: pages from the repository's root, and links from pages to files outside `docs/`.

CONTRIBUTING.md and CHANGELOG.md become pages of the site. Relative links such as `../models/eyes/card.md`
work on GitHub as they are; on the site they point to the repository. A link to a file that does not exist
is left unchanged, so that a strict build fails on it.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROOT_PAGES = {"contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}
"""Pages of the site that are made from files in the repository's root: page to file."""

_LINK = re.compile(r"(?<=\]\()(?P<path>[^)#\s:]+)(?=[)#\s])")


def on_files(files: Any, *, config: Any) -> Any:
    """Add the pages that are made from files in the repository's root (called by MkDocs)."""
    from mkdocs.structure.files import File

    for page, source in ROOT_PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Return a page's Markdown with links that work on the site (called by MkDocs)."""
    return rewrite_links(markdown, page.file.src_uri, config.repo_url)


def rewrite_links(markdown: str, page: str, repository: str) -> str:
    """Replace the relative links of a page that work on GitHub by links that work on the site.

    `page` is the page's path on the site (below `docs/`, with slashes), `repository` the address of the
    repository. Links to files that do not exist are kept.
    """

    def replace(match: re.Match[str]) -> str:
        return _site_link(match["path"], page, repository)

    return _LINK.sub(replace, markdown)


def _site_link(link: str, page: str, repository: str) -> str:
    source = ROOT_PAGES.get(page, f"docs/{page}")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    if target.startswith("..") or not (ROOT / target).exists():
        return link
    for site_page, file in ROOT_PAGES.items():
        if target == file:
            return posixpath.relpath(site_page, posixpath.dirname(page) or ".")
    if target.startswith("docs/") and (ROOT / target).is_file():
        return posixpath.relpath(target.removeprefix("docs/"), posixpath.dirname(page) or ".")
    kind = "tree" if (ROOT / target).is_dir() else "blob"
    return f"{repository.rstrip('/')}/{kind}/main/{target}"
