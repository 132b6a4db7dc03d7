"""The documentation is complete and true: commands, settings, reasons, models, links and examples."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from autocull.cli.lazy_group import COMMANDS, commands
from autocull.judge import PROFILES, REASON_TEXTS, Settings
from autocull.measure.models import models_root

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
TEXT = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in PAGES}
CARDS = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in ROOT.glob("models/*/card.md")}
EVERYTHING = "\n".join(TEXT.values())
CONTEXT = click.Context(commands)
SOURCES = {".py", ".lua"}


def get_command(name: str) -> click.Command:
    """Return a command of `autocull`."""
    result = commands.get_command(CONTEXT, name)
    assert result is not None
    return result


def list_options(name: str) -> set[str]:
    """Return the options of a command."""
    parameters = get_command(name).params
    return {option for each in parameters if isinstance(each, click.Option) for option in each.opts}


def find_examples() -> list[tuple[str, str]]:
    """Return every `autocull ...` line in a console block, with its page."""
    examples_by_page = []
    for page, text in TEXT.items():
        for block in re.findall(r"```(?:console|sh)\n(.*?)```", text, re.S):
            for line in block.replace("\\\n", " ").splitlines():
                words = line.removeprefix("$ ").strip()
                if words.startswith("autocull "):
                    examples_by_page.append((page, words))
    return examples_by_page


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    """In docs/cli.md."""
    page = TEXT["docs/cli.md"]
    assert f"autocull {name}" in page
    missing = {option for option in list_options(name) if f"{option}" not in page}
    assert not missing, f"docs/cli.md does not mention {', '.join(sorted(missing))} of {name}"


def create_argument(word: str, folder: Path) -> str:
    """Create an example's folder or file and return its path, as options may require that it exists."""
    if not word.startswith(("~/", "../shared/", "examples/", "trained/", "out/")):
        return word
    path = folder / Path(word).name
    if path.suffix:
        path.touch()
    else:
        path.mkdir(exist_ok=True)
    return str(path)


def test_examples_are_found() -> None:
    """Without any, the next test would pass."""
    assert len(find_examples()) >= 8


@pytest.mark.parametrize(("page", "line"), find_examples())
def test_every_example_parses(page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its command and options exist and are compatible; it is parsed, not run, and its photos exist."""
    monkeypatch.setattr("os.path.lexists", lambda _: True)
    name, *words = shlex.split(re.split(r" [#|] ", line)[0])[1:]
    context = get_command(name).make_context(
        name, [create_argument(word, tmp_path) for word in words], parent=CONTEXT
    )
    for change in dict(context.params.get("changes") or {}):
        assert change in Settings.model_fields, f"{page}: no setting {change}"
    assert context.params.get("profile") in {None, *PROFILES}, page


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    """It has a line in docs/settings.md; the table of marks has a section."""
    assert f"`{name}`" in TEXT["docs/settings.md"] or f"[[{name}]]" in TEXT["docs/settings.md"]


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_is_documented(name: str) -> None:
    """In docs/settings.md."""
    assert f"`{name}`" in TEXT["docs/settings.md"]


@pytest.mark.parametrize("code", REASON_TEXTS)
def test_every_reason_is_documented(code: str) -> None:
    """Its code is in docs/settings.md."""
    assert f"`{code}`" in TEXT["docs/settings.md"]


@pytest.mark.parametrize("name", sorted(path.parent.name for path in models_root().glob("*/card.md")))
def test_every_detector_is_documented(name: str) -> None:
    """docs/members.md links to its card."""
    assert f"models/{name}/card.md" in TEXT["docs/members.md"]


@pytest.mark.parametrize("path", sorted(models_root().glob("*/card.md")), ids=lambda path: path.parent.name)
def test_every_card_has_licence_intervals_and_limits(path: Path) -> None:
    """The licence of the data, confidence intervals, and what the network must not be used for."""
    card = path.read_text("utf-8")
    assert re.search(r"licence|redistributed|MIT|Apache", card)
    assert "95 %" in card
    assert re.search(r"## What it must not be used for\n\n\w", card)


def test_overview_has_a_row_for_every_detector() -> None:
    """docs/accuracy.md has them all, and every number of a command in it exists."""
    page = TEXT["docs/accuracy.md"]
    rows = re.findall(r"^\| (\w+).*\| (\d+|\[.*\)) \|$", page, re.M)
    detectors = {"eyes", "blink", "blur", "focus", "defects", "noise", "category", "series"}
    assert {name for name, _ in rows} == detectors | {"harm", "select", "speed"}
    numbers = {int(each) for each in re.findall(r"# (\d+)", page)} | {3}
    assert {int(number) for _, number in rows if number.isdigit()} <= numbers


@pytest.mark.parametrize("page", [*TEXT, *CARDS])
def test_links_within_the_repository_are_valid(page: str) -> None:
    """Their files exist."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", (TEXT | CARDS)[page]):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"


def test_named_source_files_exist() -> None:
    """Every Python and Lua file that a document names by its path, but the changelog, which has history."""
    folders = ("daemon", "tests", "benchmarks", "docs", "installer", "lightroom_plugin.lrdevplugin")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in SOURCES]
    paths = {f"/{path.relative_to(ROOT).as_posix()}" for path in files}
    for page, text in TEXT.items():
        for name in re.findall(r"`((?:[\w.]+/)*\w+\.(?:py|lua))`", text):
            exists = any(path.endswith(f"/{name}") for path in paths)
            assert exists or page == "CHANGELOG.md", f"{page} names {name}"


def test_documented_make_targets_exist() -> None:
    """They are in the Makefile."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", EVERYTHING, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), f"make {target}"


def test_no_file_names_a_machine_path_or_registry() -> None:
    """In documents, installers, workflows and configuration."""
    pattern = re.compile(
        r"(?<![\w.])/(?:w[o]rk|r[o]ot|h[o]me)/|--[a-z-]*index-url|https?://\S*(?:pypi|/simple)"
    )
    installers = [path for path in ROOT.glob("installer/**/*.*") if "__pycache__" not in path.parts]
    files = [*PAGES, *installers, *ROOT.glob(".github/**/*.yml"), *ROOT.glob("*.y*ml")]
    for path in [*files, ROOT / ".pre-commit-config.yaml", ROOT / "pyproject.toml", ROOT / "Makefile"]:
        assert not pattern.search(path.read_text("utf-8")), path
