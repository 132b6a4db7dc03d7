"""`autocull evaluate verdicts`: options, progress, tables and the picture of operating curves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from autocull.cli.cull import require_suffix
from autocull.cli.formatting import make_printable
from autocull.cli.options import MAX_WORKERS, OutputFile, print_warning

if TYPE_CHECKING:
    from autocull.judge import Settings
    from autocull.train import VerdictEvaluation, VerdictReport, VerdictSample

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., Any])
_TARGET = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictOptions:
    """Options of `autocull evaluate verdicts`; None where not used."""

    sizes: tuple[str, ...] | None
    curve: Path | None
    harm: float | None
    sample: int | None
    store: Path | None
    workers: int | None

    def unused(self) -> bool:
        """Return whether no option was used."""
        return all(getattr(self, name) is None for name in self.__slots__)


def _parse_sizes(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    from autocull.train import parse_sizes

    if value is None:
        return None
    try:
        return parse_sizes(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}; an example is 500,1024,2048,camera.") from error


def verdict_options(command: _FunctionT) -> _FunctionT:
    """Add the options that only apply to verdicts."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--sizes",
        callback=_parse_sizes,
        metavar="PX,...",
        help="For verdicts: judge reduced copies of these long sides, and the photos themselves (camera).",
    ),
    click.option(
        "--curve",
        type=OutputFile(),
        callback=require_suffix(".svg"),
        metavar="FILE.svg",
        help="For verdicts: draw harm against recall for each limit.",
    ),
    click.option(
        "--harm",
        type=click.FloatRange(0, 1),
        help=f"For verdicts: the harm at which curves choose a limit; {_TARGET} by default.",
    ),
    click.option(
        "--sample",
        type=click.IntRange(min=1),
        help="For verdicts: at most this many photos of each source and kind, always the same.",
    ),
    click.option(
        "--store",
        type=click.Path(dir_okay=False, path_type=Path),
        help="For verdicts: keep measurements in this .sqlite file.",
    ),
    click.option(
        "--workers", type=click.IntRange(1, 64), help="For verdicts: processes that read and measure."
    ),
)


def evaluate_verdicts(
    photos: list[VerdictSample], settings: Settings, options: VerdictOptions
) -> VerdictReport:
    """Measure and judge labelled photos, and write the picture of the curves where one is requested."""
    from autocull.train import CAMERA_SIZE, draw_curves, sample_photos

    chosen = photos if options.sample is None else sample_photos(photos, options.sample)
    sizes = options.sizes or (CAMERA_SIZE,)
    needs_curves = options.curve is not None or options.harm is not None
    harm = (_TARGET if options.harm is None else options.harm) if needs_curves else None
    with _show_progress(settings, options, len(chosen) * len(sizes)) as evaluation:
        report = evaluation.run(chosen, sizes, harm)
    if options.curve is not None:
        options.curve.write_text(draw_curves(report.curves), "utf-8")
    return report


@contextmanager
def _show_progress(settings: Settings, options: VerdictOptions, total: int) -> Iterator[VerdictEvaluation]:
    from rich.console import Console
    from rich.progress import Progress

    from autocull.train import VerdictEvaluation

    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("Evaluating verdicts", total=total)
        yield VerdictEvaluation(
            settings=settings,
            store=options.store,
            workers=options.workers or min(os.cpu_count() or 1, MAX_WORKERS),
            on_progress=lambda: progress.advance(bar),
            on_warning=print_warning,
        )


def print_verdicts(report: VerdictReport) -> None:
    """Print the tables of verdicts, and the limits on the curves."""
    from autocull.train import format_curve_table, format_verdict_tables

    parts = [format_verdict_tables(report), *([format_curve_table(report.curves)] if report.curves else ())]
    for line in "\n".join(parts).splitlines():
        click.echo(make_printable(line))
    values: Mapping[str, object] = {"models": dict(report.models)}
    for name, value in values.items():
        click.echo(make_printable(f"{name}: {value}"))
    for row in report.unreadable:
        click.echo(make_printable(f"unreadable: {row.path} ({row.message})"))
