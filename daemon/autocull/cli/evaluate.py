"""`autocull evaluate`: how good a member is on a manifest of files and labels, or the judge on a fixture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocull.cli.cull import key_values
from autocull.cli.words import printable

if TYPE_CHECKING:
    from autocull.judge import Settings

_DECISIONS = {
    "harm": "harm: {n} rejected of {of} that she kept",
    "missed": "missed: {n} kept of {of} that she rejected",
}
SUBJECTS = ("eyes", "blink", "blur", "defects", "category")


@click.command()
@click.argument("member", type=click.Choice(SUBJECTS), required=False)
@click.option(
    "--manifest",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with path and label; paths are relative to its folder.",
)
@click.option(
    "--fixture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of `autocull export-fixture`, in place of MEMBER and --manifest.",
)
@click.option("--split", type=click.Choice(["train", "dev"]), help="Only the rows of this split.")
@click.option(
    "--json", "json_to", metavar="FILE|-", help="Write the figures as JSON; - is the standard output."
)
@click.option("--profile", metavar="NAME", help="Kind of shoot whose settings decide.")
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", callback=key_values, help="Change one setting."
)
def evaluate(
    member: str | None,
    manifest: Path | None,
    fixture: Path | None,
    split: str | None,
    json_to: str | None,
    profile: str | None,
    changes: dict[str, str],
) -> None:
    """Compare what MEMBER says with the labels of a manifest, or verdicts with a photographer's decisions.

    eyes: eye crops (open, closed). blink: photos (open, closed, mixed). blur: photos (sharp, blurred, motion,
    defocus). defects: photos by their defects, several joined by ;, or good. category: photos by category.
    With --fixture no photo is needed.
    """
    from autocull.judge import load_settings

    if fixture is not None:
        if member or manifest or split:
            raise click.UsageError("--fixture stands alone: without MEMBER, --manifest and --split.")
        figures = _of_fixture(fixture, load_settings(profile, None, changes))
    elif member is None or manifest is None:
        raise click.UsageError("Give MEMBER and --manifest FILE, or --fixture FILE alone.")
    else:
        figures = _of_manifest(member, manifest, split, load_settings(profile, None, changes))
    content = json.dumps(figures, indent=1)
    if json_to == "-":
        click.echo(content)
        return
    if json_to is not None:
        Path(json_to).write_text(content + "\n", "utf-8")
    _tell(figures)


def _of_fixture(file: Path, settings: Settings) -> dict[str, Any]:
    from autocull.marks.fixture_reading import read_fixture
    from autocull.measure.models import models_root, versions
    from autocull.train.replay import replay

    fixture, installed = read_fixture(file), versions(models_root())
    others = [name for name, version in installed.items() if fixture.models.get(name) != version]
    if others:
        click.echo(
            f"Measured by other networks than those installed ({', '.join(others)}): the figures are of the "
            "settings and rules. To judge these networks too, cull the folder again and export it anew.",
            err=True,
        )
    return replay(fixture, settings)


def _of_manifest(member: str, manifest: Path, split: str | None, settings: Settings) -> dict[str, Any]:
    from rich.console import Console
    from rich.progress import Progress

    from autocull.errors import ManifestError
    from autocull.measure.models import models_root
    from autocull.train.evaluation import LABELS, Evaluation
    from autocull.train.manifest import read_manifest

    rows = [row for row in read_manifest(manifest, labels=LABELS[member]) if split in (None, row.split)]
    if not rows:
        raise ManifestError(f"{manifest}: no row has the split {split!r}.")
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task(f"Evaluating {member}", total=len(rows))
        return Evaluation(models_root(), settings, lambda: progress.advance(bar)).run(member, rows)


def _tell(figures: dict[str, Any]) -> None:
    """Print the figures as tables."""
    from autocull.train.report import confusion_table, figures_table, label_table

    parts = {"all": figures}
    parts |= {name: figures[name] for name in ("answered", "rejected") if name in figures}
    click.echo(figures_table(parts))
    click.echo(label_table(figures))
    if figures["confusion"]:
        click.echo(confusion_table(figures))
    for name, line in _DECISIONS.items():
        if name in figures:
            click.echo(_against(line, figures[name]))
    for key in ("met", "moved", "cannot_tell", "no_faces", "limits", "models"):
        if key in figures:
            click.echo(printable(f"{key.replace('_', ' ')}: {figures[key]}"))
    for each in figures["unreadable"]:
        click.echo(f"unreadable: {each['path']} ({each['message']})")


def _against(line: str, counted: dict[str, Any]) -> str:
    """Say how many decisions of one kind are not met: the count, its share with interval, and the reasons."""
    said = line.format(**counted)
    if counted["share"] is not None:
        low, high = counted["interval"]
        said += f" ({counted['share']:.1%}, 95 %: {low:.1%}-{high:.1%})"
    reasons = ", ".join(f"{code} {count}" for code, count in counted["reasons"].items())
    return f"{said}: {reasons}" if reasons else said
