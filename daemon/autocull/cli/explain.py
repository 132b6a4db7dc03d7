"""`autocull explain`: why one photo is kept, rejected or doubtful, as text and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from autocull.cli.cull import parse_key_values, require_suffix

if TYPE_CHECKING:  # imported when a photo is explained
    from rich.console import Console

    from autocull.pipeline import PhotoAnalysis

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog="Exit codes: 0 done; 1 the photo cannot be read, or the picture not be written.")
@click.argument("photo", type=_FILE)
@click.option(
    "--save",
    type=_FILE,
    callback=require_suffix(".png"),
    metavar="FILE.png",
    help="Also draw a picture of where the scores come from.",
)
@click.option(
    "--level",
    type=click.Choice(["line", "paragraph", "network"]),
    default="paragraph",
    show_default=True,
    help="Length: one line; every score and a paragraph; also how the networks work.",
)
@click.option("--profile", metavar="NAME", help="Kind of shoot whose settings decide.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    callback=parse_key_values,
    help="Change one setting.",
)
def explain(
    photo: Path,
    save: Path | None,
    level: Literal["line", "paragraph", "network"],
    profile: str | None,
    changes: dict[str, str],
) -> None:
    """Explain the verdict about PHOTO.

    Prints every score with its limits and the five likeliest labels; with --save also draws a picture: faces
    and subject, focus tile by tile, eyes, and heat maps of category and defects. The photo is measured again.
    """
    from rich.console import Console

    from autocull.cli.formatting import make_printable
    from autocull.errors import PhotoError
    from autocull.judge import load_settings
    from autocull.measure import models_root
    from autocull.output import refuse_existing, save_explanation
    from autocull.pipeline import analyse, build_explanation

    settings = load_settings(profile, None, changes)
    if save is not None:
        refuse_existing(save)
    try:
        analysis = analyse(photo, models_root(), settings)
    except PhotoError as error:
        raise click.ClickException(f"{make_printable(photo)}: {make_printable(error.message)}") from error
    out = Console(highlight=False, markup=False)
    _print_explanation(out, analysis, level)
    if save is not None:
        save_explanation(build_explanation(analysis), save)
        click.echo(f"Drew the explanation {make_printable(save)}.", err=True)


def _print_explanation(
    out: Console, analysis: PhotoAnalysis, level: Literal["line", "paragraph", "network"]
) -> None:
    """Print the explanation in one of three lengths; each contains the shorter ones."""
    from autocull.judge import describe_detectors, explain_verdict, summarise_verdict

    evidence, verdict = analysis.result.evidence, analysis.result.verdict
    out.print(summarise_verdict(verdict), soft_wrap=level == "line")
    if level == "line":
        return
    out.print()
    out.print(explain_verdict(evidence, verdict, analysis.settings))
    _print_scores(out, analysis)
    _print_labels(out, analysis)
    if level == "network":
        for text in describe_detectors(evidence, analysis.configs):
            out.print()
            out.print(text)


def _print_scores(out: Console, analysis: PhotoAnalysis) -> None:
    """Print every score: name, number, outcome and sentence."""
    from autocull.judge import OUTCOME_WORDS, list_scores

    table = list_scores(analysis.result.evidence, analysis.result.verdict, analysis.settings)
    rows = [(score.name, score.number, OUTCOME_WORDS[score.outcome], score.words) for score in table]
    _print_table(out, "Scores", rows)


def _print_labels(out: Console, analysis: PhotoAnalysis) -> None:
    """Print the likeliest labels: name, probability, answer and limit."""
    from autocull.judge import LABEL_ANSWER_TEXTS, format_number, top_labels

    labels = top_labels(analysis.result.evidence, analysis.settings)
    rows = [
        (
            label.name,
            format_number(label.chance),
            LABEL_ANSWER_TEXTS[label.answer],
            f"{label.kind}, given from {format_number(label.limit)} on",
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
