"""The documentation is true: what the product has stands in it, and what stands in it the product has."""

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


def command(name: str) -> click.Command:
    """Return one of the command line's commands."""
    found = commands.get_command(CONTEXT, name)
    assert found is not None
    return found


def options(name: str) -> set[str]:
    """List the options of a command, as typed."""
    parameters = command(name).params
    return {option for each in parameters if isinstance(each, click.Option) for option in each.opts}


def examples() -> list[tuple[str, str]]:
    """List every `autocull ...` line in a console block, with its page."""
    found = []
    for page, text in TEXT.items():
        for block in re.findall(r"```(?:console|sh)\n(.*?)```", text, re.S):
            for line in block.replace("\\\n", " ").splitlines():
                words = line.removeprefix("$ ").strip()
                if words.startswith("autocull "):
                    found.append((page, words))
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    """A reader of docs/cli.md meets every command and each of its options."""
    page = TEXT["docs/cli.md"]
    assert f"autocull {name}" in page
    missing = {option for option in options(name) if f"{option}" not in page}
    assert not missing, f"docs/cli.md does not mention {', '.join(sorted(missing))} of {name}"


def here(word: str, folder: Path) -> str:
    """Put an example's folder or manifest where it can be found: options may demand that it exists."""
    if not word.startswith(("../shared/", "examples/", "trained/")):
        return word
    path = folder / Path(word).name
    if path.suffix:
        path.touch()
    else:
        path.mkdir(exist_ok=True)
    return str(path)


def test_there_are_examples() -> None:
    """The search for examples finds some, or the next test would pass on nothing."""
    assert len(examples()) >= 8


@pytest.mark.parametrize(("page", "line"), examples())
def test_every_example_is_a_command_that_parses(page: str, line: str, tmp_path: Path) -> None:
    """Each example's command and options exist and go together; it is parsed, not run."""
    name, *words = shlex.split(re.split(r" [#|] ", line)[0])[1:]
    made = command(name).make_context(name, [here(word, tmp_path) for word in words], parent=CONTEXT)
    for change in dict(made.params.get("changes") or {}):
        assert change in Settings.model_fields, f"{page}: no setting {change}"
    assert made.params.get("profile") in {None, *PROFILES}, page


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    """Each number that decides has its line in docs/settings.md; the table of marks has a section."""
    assert f"`{name}`" in TEXT["docs/settings.md"] or f"[[{name}]]" in TEXT["docs/settings.md"]


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_is_documented(name: str) -> None:
    """Each kind of shoot is explained in docs/settings.md."""
    assert f"`{name}`" in TEXT["docs/settings.md"]


@pytest.mark.parametrize("code", REASON_TEXTS)
def test_every_reason_is_documented(code: str) -> None:
    """Each reason's code is explained in docs/settings.md."""
    assert f"`{code}`" in TEXT["docs/settings.md"]


@pytest.mark.parametrize("name", sorted(path.parent.name for path in models_root().glob("*/card.md")))
def test_every_member_is_documented(name: str) -> None:
    """docs/members.md leads to each member's card."""
    assert f"models/{name}/card.md" in TEXT["docs/members.md"]


@pytest.mark.parametrize("path", sorted(models_root().glob("*/card.md")), ids=lambda path: path.parent.name)
def test_every_card_says_what_a_stranger_must_know(path: Path) -> None:
    """Whose data and under which licence, how sure its figures are, and what it must not be used for."""
    card = path.read_text("utf-8")
    assert re.search(r"licence|redistributed|MIT|Apache", card)
    assert "95 %" in card
    assert re.search(r"## What it must not be used for\n\n\w", card)


def test_the_overview_has_a_row_for_every_member() -> None:
    """docs/accuracy.md leaves none out, and every number of a command is one."""
    page = TEXT["docs/accuracy.md"]
    rows = re.findall(r"^\| (\w+).*\| (\d+|\[.*\)) \|$", page, re.M)
    members = {"eyes", "blink", "blur", "focus", "defects", "noise", "category", "series"}
    assert {name for name, _ in rows} == members | {"harm", "select", "speed"}
    commands_there = {int(each) for each in re.findall(r"# (\d+)", page)} | {3}
    assert {int(number) for _, number in rows if number.isdigit()} <= commands_there


@pytest.mark.parametrize("page", [*TEXT, *CARDS])
def test_links_within_the_repository_lead_somewhere(page: str) -> None:
    """No link points to a file that is not there."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", (TEXT | CARDS)[page]):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"


def test_make_targets_in_the_readme_exist() -> None:
    """What the README tells a reader to make can be made."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", EVERYTHING, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), f"make {target}"


def test_the_repository_names_no_place_of_its_making() -> None:
    """No machine path and no registry host stands in what readers and installers see."""
    pattern = re.compile(
        r"(?<![\w.])/(?:w[o]rk|r[o]ot|h[o]me)/|--[a-z-]*index-url|https?://\S*(?:pypi|/simple)"
    )
    files = [*PAGES, *ROOT.glob("installer/*"), *ROOT.glob(".github/**/*.yml"), *ROOT.glob("*.y*ml")]
    for path in [*files, ROOT / ".pre-commit-config.yaml", ROOT / "pyproject.toml", ROOT / "Makefile"]:
        assert not pattern.search(path.read_text("utf-8")), path
