"""`autocull evaluate`: how good a member is on any manifest of files and labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from autocull.cli.cull import key_values

SUBJECTS = ("eyes", "blink", "blur", "defects", "category")


@click.command()
@click.argument("member", type=click.Choice(SUBJECTS))
@click.option(
    "--manifest",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with path and label; paths are relative to its folder.",
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
    member: str,
    manifest: Path,
    split: str | None,
    json_to: str | None,
    profile: str | None,
    changes: dict[str, str],
) -> None:
    """Compare what MEMBER says with the labels of a manifest.

    eyes: eye crops (open, closed). blink: photos (open, closed, mixed). blur: photos (sharp, blurred, motion,
    defocus). defects: photos by their defects, several joined by ;, or good. category: photos by category.
    """
    from rich.console import Console
    from rich.progress import Progress

    from autocull.errors import ManifestError
    from autocull.judge import load_settings
    from autocull.measure.models import models_root
    from autocull.train.evaluation import LABELS, Evaluation
    from autocull.train.manifest import read_manifest

    settings = load_settings(profile, None, changes)
    rows = [row for row in read_manifest(manifest, labels=LABELS[member]) if split in (None, row.split)]
    if not rows:
        raise ManifestError(f"{manifest}: no row has the split {split!r}.")
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task(f"Evaluating {member}", total=len(rows))
        evaluation = Evaluation(models_root(), settings, lambda: progress.advance(bar))
        figures = evaluation.run(member, rows)
    content = json.dumps(figures, indent=1)
    if json_to == "-":
        click.echo(content)
        return
    if json_to is not None:
        Path(json_to).write_text(content + "\n", "utf-8")
    _tell(figures)


def _tell(figures: dict[str, Any]) -> None:
    """Print the figures as tables."""
    from autocull.train.report import confusion_table, figures_table, label_table

    parts = {"all": figures}
    parts |= {name: figures[name] for name in ("answered", "rejected") if name in figures}
    click.echo(figures_table(parts))
    click.echo(label_table(figures))
    if figures["confusion"]:
        click.echo(confusion_table(figures))
    for key in ("cannot_tell", "no_faces", "limits", "models"):
        if key in figures:
            click.echo(f"{key.replace('_', ' ')}: {figures[key]}")
    for each in figures["unreadable"]:
        click.echo(f"unreadable: {each['path']} ({each['message']})")
