"""The table at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autocull.cli.formatting import duration, photos, printable
from autocull.judge import WORDS
from autocull.judge.texts.reasons import KINDS
from autocull.pipeline.cull_run import Tally
from autocull.series.model import Kind

NAMED = 20
"""How many unreadable photos are named; the JSON and the report name them all."""


def show(
    console: Console, tally: Tally, series: Mapping[Kind, int], seconds: float, left_alone: int | None
) -> None:
    """Print what the run found; `left_alone` counts photos whose marks by hand were kept, None unasked.

    `series` counts the series by their kind.
    """
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_column(justify="left", style="dim")
    for name, count, remark in _rows(tally, series, seconds, left_alone):
        table.add_row(Text(name), Text(count), Text(remark))
    console.print(table)
    for unreadable in tally.unreadable[:NAMED]:
        line = f"  {printable(unreadable.frame.path)}: {printable(unreadable.error.message)}"
        console.print(Text(line), soft_wrap=True)
    if len(tally.unreadable) > NAMED:
        console.print(
            Text(f"  and {len(tally.unreadable) - NAMED:,} more; --json and --report name them all")
        )


def _rows(
    tally: Tally, series: Mapping[Kind, int], seconds: float, left_alone: int | None
) -> Iterator[tuple[str, str, str]]:
    """Yield the table's rows: name, count, remark."""
    known = tally.seen - tally.measured
    yield "Seen", f"{tally.seen:,}", f"{known:,} measured before" if known else ""
    if together := {kind: count for kind, count in series.items() if kind != "single"}:
        named = ", ".join(f"{KINDS[kind]} {count:,}" for kind, count in sorted(together.items()))
        yield "Series", f"{sum(together.values()):,}", named
    yield "Keep", f"{tally.kept:,}", ""
    yield "Reject", f"{tally.rejected:,}", ""
    for code, count in tally.reasons.most_common():
        yield f"  {WORDS[code].name if code in WORDS else code}", f"{count:,}", ""
    yield "Cannot tell", f"{tally.cannot_tell:,}", ""
    if left_alone is not None:
        yield "Left alone", f"{left_alone:,}", "kept the marks you had set yourself"
    rate = tally.seen / seconds if seconds > 0 else 0.0
    yield "Speed", f"{rate:.1f}", f"photos/s, {photos(tally.seen)} in {duration(seconds)}"
    yield "Unreadable", f"{len(tally.unreadable):,}", ""
