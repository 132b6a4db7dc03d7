"""`autocull bench`: a scoreboard of other programs on the user's own labelled photos."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autocull.cli.cull import parse_key_values
from autocull.cli.formatting import make_printable
from autocull.cli.options import MAX_WORKERS, OutputFile, print_warning

if TYPE_CHECKING:
    from autocull.judge import Settings
    from autocull.train import MeasuredPhoto, VerdictSample


@click.command()
@click.option(
    "--manifest",
    "manifests",
    multiple=True,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of photos with their kinds, as for `evaluate verdicts` (repeatable).",
)
@click.option(
    "--against",
    required=True,
    metavar="NAME,...",
    help="The programs to compare with: cleanvision, phash, dhash, selects, laplacian.",
)
@click.option("--split", type=click.Choice(["train", "dev"]), help="Only the rows of this split.")
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Only the rows of this source (repeatable)."
)
@click.option(
    "--sample", type=click.IntRange(min=1), help="At most this many photos of each source and kind."
)
@click.option(
    "--json",
    "json_to",
    type=OutputFile(allow_dash=True, path_type=str),
    metavar="FILE|-",
    help="Write the scoreboard as JSON; - is standard output.",
)
@click.option("--profile", metavar="NAME", help="Kind of shoot whose settings apply.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    callback=parse_key_values,
    help="Change one setting.",
)
@click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), help="Keep measurements in this .sqlite file."
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that read and measure.")
def bench(
    manifests: tuple[Path, ...],
    against: str,
    split: str | None,
    sources: tuple[str, ...],
    sample: int | None,
    json_to: str | None,
    profile: str | None,
    changes: dict[str, str],
    store: Path | None,
    workers: int | None,
) -> None:
    """Compare Autocull with other programs on your own labelled photos, losses included.

    The programs are packages of others, which run on this computer with their default limits. One that is not
    installed is named with the command that installs it.
    """
    from autocull import __version__
    from autocull.cli.evaluate import read_samples
    from autocull.judge import load_settings
    from autocull.train import compare_with_peers, format_scoreboard, load_peers, sample_photos

    settings = load_settings(profile, None, changes)
    peers = load_peers(name.strip() for name in against.split(",") if name.strip())
    photos = read_samples(manifests, split=split, sources=sources)
    chosen = photos if sample is None else sample_photos(photos, sample)
    measured = _measure(chosen, settings, store, workers)
    board = compare_with_peers(measured, settings, peers, __version__)
    text = json.dumps(board.to_json(), indent=1)
    if json_to == "-":
        click.echo(text)
        return
    if json_to is not None:
        Path(json_to).write_text(text + "\n", "utf-8")
    for line in format_scoreboard(board).splitlines():
        click.echo(make_printable(line))


def _measure(
    photos: list[VerdictSample], settings: Settings, store: Path | None, workers: int | None
) -> list[MeasuredPhoto]:
    """Measure the photos with progress on standard error; those that cannot be read are named there."""
    from rich.console import Console
    from rich.progress import Progress

    from autocull.train import VerdictEvaluation

    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("Measuring", total=len(photos))
        evaluation = VerdictEvaluation(
            settings=settings,
            store=store,
            workers=workers or min(os.cpu_count() or 1, MAX_WORKERS),
            on_progress=lambda: progress.advance(bar),
            on_warning=print_warning,
        )
        measured = evaluation.measure(photos)
    for row in evaluation.unreadable.values():
        click.echo(make_printable(f"left out: {row.path} ({row.message})"), err=True)
    return measured
