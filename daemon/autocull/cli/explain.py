"""`autocull explain`: why one photo is kept, rejected or doubtful, in words and in a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from autocull.cli.cull.command import ending, key_values

if TYPE_CHECKING:  # what reads and measures is imported where a photo is explained
    from rich.console import Console

    from autocull.pipeline.explain import Looked

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog="Exit codes: 0 done; 1 the photo cannot be read, or the picture not be written.")
@click.argument("photo", type=_FILE)
@click.option(
    "--save",
    type=_FILE,
    callback=ending(".png"),
    metavar="FILE.png",
    help="Draw where in the photo it shows.",
)
@click.option(
    "--level",
    type=click.Choice(["line", "paragraph", "network"]),
    default="paragraph",
    show_default=True,
    help="How much is told: one line; every score and a paragraph; also how the networks work.",
)
@click.option("--profile", metavar="NAME", help="Kind of shoot whose settings decide.")
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", callback=key_values, help="Change one setting."
)
def explain(
    photo: Path,
    save: Path | None,
    level: Literal["line", "paragraph", "network"],
    profile: str | None,
    changes: dict[str, str],
) -> None:
    """Explain what is said of PHOTO, and why.

    Every score with its limits and the five likeliest labels; with --save also a picture of where: faces and
    subject, focus tile by tile, eyes, and heat maps of category and defects. The photo is measured anew.
    """
    from rich.console import Console

    from autocull.cli.formatting import printable
    from autocull.errors import PhotoError
    from autocull.judge import load_settings
    from autocull.measure.models import models_root
    from autocull.output.explanation.drawing import refuse_taken, save_explanation
    from autocull.pipeline.explain import explained, look_at

    settings = load_settings(profile, None, changes)
    if save is not None:
        refuse_taken(save)
    try:
        looked = look_at(photo, models_root(), settings)
    except PhotoError as error:
        raise click.ClickException(f"{printable(photo)}: {printable(error.message)}") from error
    out = Console(highlight=False, markup=False)
    _tell(out, looked, level)
    if save is not None:
        save_explanation(explained(looked), save)
        click.echo(f"Drew the explanation {printable(save)}.", err=True)


def _tell(out: Console, looked: Looked, level: Literal["line", "paragraph", "network"]) -> None:
    """Print the explanation at one of its three lengths; each holds the shorter ones."""
    from autocull.judge import how_it_works, one_line, paragraph

    evidence, verdict = looked.result.evidence, looked.result.verdict
    out.print(one_line(verdict), soft_wrap=level == "line")
    if level == "line":
        return
    out.print()
    out.print(paragraph(evidence, verdict, looked.settings))
    _tell_scores(out, looked)
    _tell_labels(out, looked)
    if level == "network":
        for text in how_it_works(evidence, looked.configs):
            out.print()
            out.print(text)


def _tell_scores(out: Console, looked: Looked) -> None:
    """Print every score: name, number, what it does, and its sentence."""
    from autocull.judge import scores
    from autocull.judge.texts.score_table import OUTCOME_WORDS

    table = scores(looked.result.evidence, looked.result.verdict, looked.settings)
    rows = [(score.name, score.number, OUTCOME_WORDS[score.outcome], score.words) for score in table]
    _print_table(out, "Scores", rows)


def _tell_labels(out: Console, looked: Looked) -> None:
    """Print the likeliest labels: name, probability, what is said of it, and from where on it is given."""
    from autocull.judge import top_labels
    from autocull.judge.texts.labels import SAID_WORDS
    from autocull.judge.texts.reasons import number

    labels = top_labels(looked.result.evidence, looked.settings)
    rows = [
        (
            label.name,
            number(label.chance),
            SAID_WORDS[label.said],
            f"{label.kind}, given from {number(label.limit)} on",
        )
        for label in labels
    ]
    _print_table(out, "The five likeliest labels", rows)


def _print_table(out: Console, title: str, rows: list[tuple[str, str, str, str]]) -> None:
    from rich.table import Table

    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(style="dim")
    for row in rows:
        table.add_row(*row)
    out.print()
    out.print(title)
    out.print(table)
