"""What a run leaves behind where it was asked to: JSON lines, sidecars, the report, sorted sub-folders."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from autocull.cli.formatting import format_photos, make_printable
from autocull.judge import Settings
from autocull.output.json_lines import write_lines
from autocull.output.result import Judged, Result
from autocull.output.sidecars.merge import Policy
from autocull.output.sidecars.sidecar import SidecarOutcome, write_sidecars
from autocull.output.sorting.plan import SortKey, SortMode, plan_sort
from autocull.output.sorting.undo_journal import execute

Results = Callable[[], Iterator[Result]]
"""Gives the run's results once more, from the first."""


@dataclass(slots=True)
class SkippedOutputs:
    """What the writing left as it was: marks set by hand, and photos whose marks could not be written."""

    user_marked: int | None = None
    refused: int = 0


@contextmanager
def open_json_lines(target: str | None, *, dry_run: bool) -> Iterator[Callable[[Iterable[Result]], object]]:
    """Open `target` ("-" is standard output), and give what writes results into it, one record per line."""
    if target is None or (dry_run and target != "-"):
        yield lambda _: None
    elif target == "-":
        yield lambda results: write_lines(results, sys.stdout)
    else:
        try:
            file = Path(target).open("w", encoding="utf-8")  # noqa: SIM115 - closed below
        except OSError as error:
            raise click.FileError(target, error.strerror) from error
        with file:
            yield lambda results: write_lines(results, file)


def write_marks(results: Results, console: Console, *, dry_run: bool) -> SkippedOutputs:
    """Write the marks of every judged photo into its sidecar, and say what could not be written."""
    judged_results = (result for result in results() if isinstance(result, Judged))
    skipped, written_count = SkippedOutputs(user_marked=0), 0
    for outcome in write_sidecars(judged_results, policy=Policy(), dry_run=dry_run):
        written_count += outcome.state == "written"
        skipped.user_marked = (skipped.user_marked or 0) + bool(outcome.kept_marks)
        skipped.refused += outcome.error is not None
        _print_refused(outcome, console)
    verb = "Would write" if dry_run else "Wrote"
    console.print(Text(f"{verb} marks into the sidecars of {format_photos(written_count)}."))
    return skipped


def _print_refused(outcome: SidecarOutcome, console: Console) -> None:
    if outcome.error is not None:
        line = f"No marks for {make_printable(outcome.frame.path)}: {make_printable(outcome.error.message)}"
        console.print(Text(line), soft_wrap=True)


def write_html_report(
    rows: Iterable[tuple[Result, bytes | None]],
    path: Path,
    settings: Settings,
    console: Console,
    *,
    dry_run: bool,
) -> None:
    """Write the report page, and say where it lies."""
    if not dry_run:
        from autocull.output.report.report import (
            write_report,  # the page's template engine, only where it is wanted
        )

        write_report(rows, path, title=f"Autocull: {path.stem}", settings=settings)
    console.print(Text(f"{'Would write' if dry_run else 'Wrote'} the report {make_printable(path)}."))


def sort_photos(
    results: Results, into: Path, by: SortKey, how: SortMode, console: Console, *, dry_run: bool
) -> None:
    """Sort the photos into sub-folders of `into`; raises MarksError, nothing touched, where it cannot."""
    plan = plan_sort(results(), into, by=by, how=how)
    action = {"copy": "copied", "link": "linked", "move": "moved"}[how]
    if dry_run:
        for step in plan.steps:
            console.print(
                Text(f"{make_printable(step.source)} -> {make_printable(step.target)}"), soft_wrap=True
            )
        console.print(Text(f"{len(plan.steps):,} files would be {action}."))
        return
    journal = into.absolute().with_name(f"{into.name}-{time.strftime('%Y%m%d-%H%M%S')}.journal")
    journal.parent.mkdir(parents=True, exist_ok=True)
    count = execute(plan, journal)
    console.print(
        Text(f"{count:,} files {action}. To put them back: autocull undo {make_printable(journal)}"),
        soft_wrap=True,
    )
