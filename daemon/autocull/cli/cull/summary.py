"""The table that a run prints at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autocull.cli.formatting import format_duration, format_photos, make_printable
from autocull.judge import KIND_NAMES, REASON_TEXTS
from autocull.output import RAW_KIND
from autocull.pipeline import RunCounts
from autocull.series import Kind

MAX_NAMED = 5
"""The number of unreadable photos that are named for each message; JSON lines and report name them all."""


def print_summary(
    console: Console, counts: RunCounts, series: Mapping[Kind, int], seconds: float, user_marked: int | None
) -> None:
    """Print the counts of a run; `user_marked` is that of photos with user marks, None without sidecars.

    `series` counts the series by their kind.
    """
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_column(justify="left", style="dim")
    for name, count, remark in _rows(counts, series, seconds, user_marked):
        table.add_row(Text(name), Text(count), Text(remark))
    _print_unreadable(console, counts)
    console.print(table)


def print_next_step(console: Console, *, has_report: bool, has_marks: bool) -> None:
    """Print the options that show the photos and write the marks, where the run had none of them."""
    steps = [
        *([] if has_report else ["See them: --report report.html --open"]),
        *([] if has_marks else ["Write stars, labels and flags: --xmp, or Lightroom's plug-in"]),
    ]
    for step in steps:
        console.print(Text(f"{step}."))


def print_sidecar_use(console: Console, counts: Mapping[str, int]) -> None:
    """Print for how many photos Lightroom reads the sidecars; `counts` are those with one, by their kind."""
    others = {kind: count for kind, count in counts.items() if kind != RAW_KIND and count}
    if raw_count := counts.get(RAW_KIND, 0):
        console.print(
            Text(
                f"Lightroom reads the sidecars of {format_photos(raw_count)} (RAW): at the import, or by "
                "Metadata > Read Metadata from Files."
            )
        )
    if others:
        listing = ", ".join(f"{count:,} {kind}" for kind, count in sorted(others.items()))
        console.print(
            Text(
                f"Lightroom does not read the sidecars of {format_photos(sum(others.values()))} ({listing}). "
                "Their marks are not written into the photo files, which Autocull never changes: bring them "
                "into Lightroom by its plug-in."
            )
        )


def _print_unreadable(console: Console, counts: RunCounts) -> None:
    """Print each message once, with the number and the first of its photos."""
    paths_by_message: dict[str, list[str]] = {}
    for unreadable in counts.unreadable:
        message = make_printable(unreadable.error.message)
        paths_by_message.setdefault(message, []).append(make_printable(unreadable.frame.path))
    for message, paths in sorted(paths_by_message.items(), key=lambda item: -len(item[1])):
        console.print(Text(f"{format_photos(len(paths))}: {message}"))
        for path in paths[:MAX_NAMED]:
            console.print(Text(f"  {path}"), soft_wrap=True)
        if len(paths) > MAX_NAMED:
            console.print(Text(f"  and {len(paths) - MAX_NAMED:,} more; --json and --report name them all"))


def _rows(
    counts: RunCounts, series: Mapping[Kind, int], seconds: float, user_marked: int | None
) -> Iterator[tuple[str, str, str]]:
    """Yield the table's rows: name, count, remark."""
    cached = counts.processed - counts.measured
    yield "Photos", f"{counts.processed:,}", f"{cached:,} measured before" if cached else ""
    if series_counts := {kind: count for kind, count in series.items() if kind != "single"}:
        series_text = ", ".join(
            f"{KIND_NAMES[kind]} {count:,}" for kind, count in sorted(series_counts.items())
        )
        yield "Series", f"{sum(series_counts.values()):,}", series_text
    yield "Keep", f"{counts.kept:,}", ""
    yield "Reject", f"{counts.rejected:,}", "by the first reason of each:" if counts.rejected else ""
    for code, count in counts.first_reasons.most_common():
        in_all = counts.reasons[code]
        remark = f"the reason of {format_photos(in_all)} in all" if in_all != count else ""
        yield f"  {REASON_TEXTS[code].name if code in REASON_TEXTS else code}", f"{count:,}", remark
    yield "Cannot tell", f"{counts.cannot_tell:,}", ""
    if user_marked is not None:
        yield "Left alone", f"{user_marked:,}", "kept the marks you had set yourself"
    rate = counts.processed / seconds if seconds > 0 else 0.0
    yield "Speed", f"{rate:.1f}", f"photos/s, {format_photos(counts.processed)} in {format_duration(seconds)}"
    yield "Unreadable", f"{len(counts.unreadable):,}", ""
