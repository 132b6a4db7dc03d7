"""The documentation site and the project's files for contributors: links, glossary table, decisions, YAML."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
REPOSITORY = "https://example.org/autocull"
YAML = [
    *(ROOT / ".github").rglob("*.yml"),
    *(ROOT / name for name in ("mkdocs.yml", ".pre-commit-config.yaml")),
]


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    """Import the site's hooks from their file."""
    spec = importlib.util.spec_from_file_location("site_hooks", DOCS / "tools" / "site_hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("members.md", "../models/eyes/card.md#data", f"{REPOSITORY}/blob/main/models/eyes/card.md#data"),
        ("members.md", "../models/eyes", f"{REPOSITORY}/tree/main/models/eyes"),
        ("decisions/index.md", "../../README.md", f"{REPOSITORY}/blob/main/README.md"),
        ("decisions/index.md", "../settings.md#marks", "../settings.md#marks"),
        ("decisions/index.md", "../../CONTRIBUTING.md", "../contributing.md"),
        ("members.md", "accuracy.md", "accuracy.md"),
        ("contributing.md", "docs/decisions/index.md", "decisions/index.md"),
        ("contributing.md", "SECURITY.md", f"{REPOSITORY}/blob/main/SECURITY.md"),
        ("members.md", "../models/eyes/missing.md", "../models/eyes/missing.md"),
        ("members.md", "https://semver.org", "https://semver.org"),
        ("members.md", "#focus", "#focus"),
    ],
)
def test_links_point_to_the_site_or_the_repository(
    hooks: ModuleType, page: str, link: str, expected: str
) -> None:
    """Links that work on GitHub work on the site; those to missing files stay, so that the build fails."""
    assert hooks.rewrite_links(f"[a]({link})", page, REPOSITORY) == f"[a]({expected})"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("[a](other.md#part)", 0, id="valid"),
        pytest.param("[a](missing.md)", 1, id="missing page"),
        pytest.param("[a](../missing.md)", 1, id="missing file outside docs"),
        pytest.param("[a](other.md#missing)", 1, id="missing anchor"),
        pytest.param("![a](missing.png)", 1, id="missing picture"),
    ],
)
def test_broken_link_fails_the_build(text: str, code: int, tmp_path: Path) -> None:
    """The site's settings make every broken link an error."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.md").write_text(f"# Index\n\n{text}\n", "utf-8")
    (pages / "other.md").write_text("# Other\n\n## Part\n", "utf-8")
    config = tmp_path / "mkdocs.yml"
    settings = {
        "INHERIT": str(ROOT / "mkdocs.yml"),
        "docs_dir": "pages",
        "nav": ["index.md", "other.md"],
        "hooks": [],
    }
    config.write_text(yaml.safe_dump(settings), "utf-8")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-f",
        str(config),
        "-d",
        str(tmp_path / "site"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stderr


def list_avoided_words() -> list[str]:
    """List the first cells of the glossary's table of words to avoid."""
    text = (DOCS / "glossary.md").read_text("utf-8")
    table = re.search(r"^\| avoid \| use \|\n\|[-| ]+\|\n((?:\|.*\n)+)", text, re.M)
    assert table is not None
    return [row.split("|")[1].strip() for row in table[1].splitlines()]


def test_glossary_lists_avoided_words_once() -> None:
    """The table of words to avoid can be read by a program."""
    words = [word for cell in list_avoided_words() for word in cell.split(", ")]
    assert len(words) > 50
    assert all(re.fullmatch(r"[a-z]+", word) for word in words)
    assert len(words) == len(set(words))


def test_every_decision_is_in_the_index() -> None:
    """Decisions are numbered without gaps, have the four parts, and are listed with their status and date."""
    index = (DOCS / "decisions" / "index.md").read_text("utf-8")
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text("utf-8")
        assert re.findall(r"^## (.*)$", text, re.M) == ["Context", "Decision", "Consequences"], page.name
        title = re.match(rf"# {page.name[:4]}: (.*)\n\nStatus: (.*) · Date: (\d{{4}}-\d\d-\d\d)\n", text)
        assert title is not None, page.name
        assert f"| [{page.name[:4]}]({page.name}) | {' | '.join(title.groups())} |" in index


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_yaml_files_are_valid(path: Path) -> None:
    """Every YAML file of the project parses to a mapping."""
    assert isinstance(yaml.safe_load(path.read_text("utf-8")), dict)


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.stem
)
def test_workflows_have_least_permissions_and_pinned_actions(path: Path) -> None:
    """A workflow may only read, ends by itself, and uses major versions of actions."""
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"]
        for step in job["steps"]:
            assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/b@v1"))


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=lambda path: path.stem
)
def test_issue_forms_are_complete(path: Path) -> None:
    """A form has a name, a description and fields with unique ids and labels, some of them required."""
    form = yaml.safe_load(path.read_text("utf-8"))
    assert form["name"]
    assert form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)
    assert any(field.get("validations", {}).get("required") for field in fields)
