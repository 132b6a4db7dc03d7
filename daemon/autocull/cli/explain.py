"""`autocull explain`: why one photo is kept, rejected or doubtful, as text and as a picture."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from autocull.cli.cull import parse_key_values, require_suffix
from autocull.cli.options import (
    OutputFile,
    load_taste,
    print_warning,
    store_option,
    tastes_option,
    time_limit_option,
    workers_option,
)

if TYPE_CHECKING:  # imported when a photo is explained
    from rich.console import Console

    from autocull.pipeline import PhotoAnalysis

MAX_UNMEASURED = 300
"""Photos of the shoot that are measured for one explanation at most: the nearest ones by name."""

Level = Literal["line", "paragraph", "network"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainOptions:
    """The options of one `autocull explain`, by the names in its help; `time_limit` is in seconds."""

    photo: Path
    save: Path | None
    level: Level
    shoot: tuple[Path, ...]
    alone: bool
    profile: str | None
    settings_file: Path | None
    changes: dict[str, str]
    taste: str | None
    tastes: Path | None
    workers: int
    time_limit: float
    store: Path | None


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog="Exit codes: 0 done; 1 the photo cannot be read, or the picture not be written.")
@click.argument("photo", type=_FILE)
@click.option(
    "--save",
    type=OutputFile(),
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
@click.option(
    "--shoot",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="PATH",
    help="Folder or file of the shoot (repeatable); default: the folder of PHOTO.",
)
@click.option("--alone", is_flag=True, help="Judge PHOTO without its shoot: no series.")
@click.option("--profile", metavar="NAME", help="Kind of shoot whose settings decide.")
@click.option("--settings", "settings_file", type=_FILE, help="Settings from a TOML file.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    callback=parse_key_values,
    help="Change one setting.",
)
@click.option("--taste", metavar="NAME", help="A taste that `autocull learn` learned from your selects.")
@tastes_option
@workers_option
@time_limit_option
@store_option
def explain(**options: Any) -> None:
    """Explain the verdict about PHOTO, which is that of `autocull cull` on its folder.

    Prints every score with its limits and the five likeliest labels; with --save also draws a picture: faces
    and subject, focus tile by tile, eyes, and heat maps of category and defects. Photos of the folder that
    were never measured are measured first (the 300 nearest), since a series decides about its photos.
    """
    _explain(ExplainOptions(**options))


def _explain(options: ExplainOptions) -> None:
    """Execute the command; raises ClickException where the photo cannot be read."""
    from rich.console import Console

    from autocull.cli.formatting import make_printable
    from autocull.errors import PhotoError
    from autocull.output import refuse_existing, save_explanation
    from autocull.pipeline import build_explanation

    if options.alone and options.shoot:
        raise click.UsageError("--alone leaves out the shoot; give either --alone or --shoot.")
    if options.save is not None:
        refuse_existing(options.save)
    try:
        analysis = _analyse(options)
        explanation = build_explanation(analysis) if options.save is not None else None
    except PhotoError as error:
        message = f"{make_printable(options.photo)}: {make_printable(error.message)}"
        raise click.ClickException(message) from error
    _print_explanation(Console(highlight=False, markup=False), analysis, options.level)
    if options.save is not None and explanation is not None:
        save_explanation(explanation, options.save)
        click.echo(f"Drew the explanation {make_printable(options.save)}.", err=True)


def _analyse(options: ExplainOptions) -> PhotoAnalysis:
    """Judge the photo within its shoot, and warn where photos of the shoot were left out."""
    from autocull.cli.formatting import format_photos
    from autocull.judge import load_settings
    from autocull.measure import models_root
    from autocull.paths import default_store, user_settings_file
    from autocull.pipeline import analyse, open_cull_run, shoot_paths

    settings = load_settings(
        options.profile, options.settings_file, options.changes, user_file=user_settings_file()
    )
    taste = load_taste(options.taste, options.tastes)
    shoot = (options.photo,) if options.alone else options.shoot
    with open_cull_run(
        shoot_paths(options.photo, shoot),
        options.store or default_store(),
        workers=options.workers,
        time_limit=options.time_limit,
        on_warning=print_warning,
    ) as cull_run:
        if left_out := cull_run.limit_unmeasured(options.photo, MAX_UNMEASURED):
            print_warning(
                f"Never measured, and left out: {format_photos(left_out)} of the shoot. "
                "`autocull cull` measures the whole shoot."
            )
        with _show_progress(cull_run.total) as on_progress:
            return analyse(
                options.photo,
                cull_run,
                settings,
                taste,
                models=models_root(),
                on_result=lambda _: on_progress(cull_run.counts.measured > 0),
            )


def _show_progress(total: int) -> AbstractContextManager[Callable[[bool], None]]:
    """Show a bar in a terminal, and nothing elsewhere: the explanation itself is short."""
    from rich.console import Console

    from autocull.cli.progress import show_progress

    stderr = Console(stderr=True, highlight=False)
    return show_progress(stderr, total) if stderr.is_terminal else nullcontext(lambda _: None)


def _print_explanation(out: Console, analysis: PhotoAnalysis, level: Level) -> None:
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
