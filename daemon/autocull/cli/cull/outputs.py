"""The outputs of `autocull cull`: JSON lines, sidecars, the report, and photos sorted into sub-folders."""

from __future__ import annotations

import sys
import time
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.text import Text

from autocull.cli.cull.command import CullOptions
from autocull.cli.formatting import format_photos, make_printable
from autocull.errors import MarksError
from autocull.judge import Settings
from autocull.output import (
    JsonLinesWriter,
    Policy,
    Result,
    SidecarOutcome,
    SidecarWriter,
    SortPlan,
    SortPlanner,
    execute,
)
from autocull.read import Frame

if TYPE_CHECKING:  # the page's template engine is imported only where a report is written
    from autocull.output import ReportWriter


class ResultWriter(Protocol):
    """An output that receives the results of a run one by one."""

    def add(self, result: Result) -> None:
        """Add one result."""
        ...


@dataclass(slots=True)
class Outputs:
    """The outputs of a run: `add_all` adds the results to all of them in one pass, `finish` writes them.

    `user_marked` counts the photos with marks that the photographer set, None without sidecars; `failures`
    counts the outputs and sidecars that could not be written.
    """

    options: CullOptions
    console: Console
    json_lines: JsonLinesWriter | None
    sidecars: SidecarWriter | None
    report: ReportWriter | None
    sorting: SortPlanner | None
    user_marked: int | None = None
    failures: int = 0

    def add_all(self, results: Iterable[Result]) -> None:
        """Add the results to every output; raises MarksError where JSON lines cannot be written.

        Until `finish` only JSON lines on the standard output are visible outside.
        """
        outputs: tuple[ResultWriter | None, ...] = (
            self.json_lines, self.sidecars, self.report, self.sorting,
        )  # fmt: skip
        writers = [writer for writer in outputs if writer is not None]
        for result in results:
            for writer in writers:
                writer.add(result)

    def finish(self) -> None:
        """Write the outputs, sorting last since it may move the photos; stops at the first failure."""
        try:
            if self.json_lines is not None:
                self.json_lines.finish()
            if self.sidecars is not None:
                self._write_sidecars(self.sidecars)
            if self.options.report is not None:
                self._write_report(self.options.report)
            if self.sorting is not None:
                self._sort(self.sorting.finish())
        except (MarksError, OSError) as error:
            self.console.print(Text(f"autocull: {make_printable(str(error))}"), soft_wrap=True)
            self.failures += 1

    def _write_sidecars(self, sidecars: SidecarWriter) -> None:
        self.user_marked, written_count = 0, 0
        for outcome in sidecars.finish():
            written_count += outcome.state == "written"
            self.user_marked += bool(outcome.kept_marks)
            if outcome.error is not None:
                self.failures += 1
                self._print_refused(outcome, outcome.error)
        verb = "Would write" if self.options.dry_run else "Wrote"
        self.console.print(Text(f"{verb} marks into the sidecars of {format_photos(written_count)}."))

    def _print_refused(self, outcome: SidecarOutcome, error: MarksError) -> None:
        line = f"No marks for {make_printable(outcome.frame.path)}: {make_printable(error.message)}"
        self.console.print(Text(line), soft_wrap=True)

    def _write_report(self, path: Path) -> None:
        if self.report is not None:
            self.report.finish()
        verb = "Would write" if self.report is None else "Wrote"
        self.console.print(Text(f"{verb} the report {make_printable(path)}."))
        if self.report is not None and self.options.open_report:
            webbrowser.open(path.absolute().as_uri())

    def _sort(self, plan: SortPlan) -> None:
        """Execute the plan, or print it in a dry run; raises MarksError where a step fails."""
        action = {"copy": "copied", "link": "linked", "move": "moved"}[plan.how]
        if self.options.dry_run:
            for step in plan.steps:
                line = f"{make_printable(step.source)} -> {make_printable(step.target)}"
                self.console.print(Text(line), soft_wrap=True)
            self.console.print(Text(f"{len(plan.steps):,} files would be {action}."))
            return
        journal = plan.into.with_name(f"{plan.into.name}-{time.strftime('%Y%m%d-%H%M%S')}.journal")
        journal.parent.mkdir(parents=True, exist_ok=True)
        count = execute(plan, journal)
        line = f"{count:,} files {action}. To put them back: autocull undo {make_printable(journal)}"
        self.console.print(Text(line), soft_wrap=True)


@contextmanager
def open_outputs(
    options: CullOptions,
    settings: Settings,
    find_thumbnail: Callable[[Frame], bytes | None],
    console: Console,
) -> Iterator[Outputs]:
    """Open the requested outputs; `console` prints what they write.

    Raises MarksError where the file for JSON lines cannot be written. Files that are not finished at the end
    of the block do not appear.
    """
    with ExitStack() as stack:
        json_lines = None
        if options.json_to == "-":
            json_lines = JsonLinesWriter(sys.stdout.buffer)
        elif options.json_to is not None and not options.dry_run:
            json_lines = stack.enter_context(closing(JsonLinesWriter(Path(options.json_to))))
        report = _open_report(options, settings, find_thumbnail)
        if report is not None:
            stack.callback(report.close)
        yield Outputs(
            options=options,
            console=console,
            json_lines=json_lines,
            sidecars=SidecarWriter(Policy(), dry_run=options.dry_run) if options.xmp else None,
            report=report,
            sorting=_open_sorting(options),
        )


def _open_report(
    options: CullOptions, settings: Settings, find_thumbnail: Callable[[Frame], bytes | None]
) -> ReportWriter | None:
    if options.report is None or options.dry_run:
        return None
    from autocull.output import ReportWriter

    title = f"Autocull: {options.report.stem}"
    return ReportWriter(options.report, title=title, settings=settings, find_thumbnail=find_thumbnail)


def _open_sorting(options: CullOptions) -> SortPlanner | None:
    if options.sort_into is None or options.by is None:
        return None
    return SortPlanner(options.sort_into, by=options.by, how=options.how)
