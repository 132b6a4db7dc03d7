"""The outputs of `autocull cull`: JSON lines, sidecars, the report, and photos sorted into sub-folders."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.text import Text

from autocull import paths
from autocull.atomic_write import remove_stale_temporaries
from autocull.cli.cull.command import CullOptions
from autocull.cli.cull.summary import MAX_NAMED, print_sidecar_use
from autocull.cli.formatting import format_argument, format_photos, make_printable
from autocull.errors import MarksError
from autocull.judge import Settings
from autocull.output import (
    FileOperation,
    JsonLinesWriter,
    Policy,
    Result,
    SidecarJournal,
    SidecarOutcome,
    SidecarWriter,
    SortPlan,
    SortPlanner,
    check_plan,
    execute,
    find_stopped_runs,
    kind_of,
    lock_target,
)
from autocull.pipeline import CullRun
from autocull.plurals import format_count
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
    journal: SidecarJournal | None
    report: ReportWriter | None
    sorting: SortPlanner | None
    user_marked: int | None = None
    failures: int = 0
    _folders: dict[Path, None] = field(init=False)  # those that are written to

    def __post_init__(self) -> None:
        options = self.options
        targets = [options.report, options.sort_into]
        if options.json_to not in (None, "-"):
            targets.append(Path(str(options.json_to)))
        self._folders = {target.absolute().parent: None for target in targets if target is not None}

    def add_all(self, results: Iterable[Result]) -> None:
        """Add the results to every output; what cannot be written is reported by `finish`.

        Until `finish` only JSON lines on the standard output are visible outside.
        """
        outputs: tuple[ResultWriter | None, ...] = (
            self.json_lines, self.sidecars, self.report, self.sorting,
        )  # fmt: skip
        writers = [writer for writer in outputs if writer is not None]
        for result in results:
            if self.options.xmp or self.options.sort_into is not None:
                self._folders[result.frame.path.parent] = None
            for writer in writers:
                writer.add(result)

    def finish(self) -> None:
        """Write the outputs, sorting last since it may move the photos.

        An output that fails is reported and does not hold back the others; sorting is left out after it.
        """
        self._clear_temporaries()
        complete = [
            self._try(self.json_lines.finish) if self.json_lines is not None else True,
            self._try(lambda: self._write_sidecars()),
            self._try(lambda: self._write_report()),
        ]
        if self.sorting is not None and all(complete):
            self._try(lambda: self._sort())
        elif self.sorting is not None:
            self.console.print(Text("The photos were not sorted, since another output failed."))

    def _try(self, write: Callable[[], None]) -> bool:
        """Write an output, and return whether that succeeded; a failure is printed and counted."""
        try:
            write()
        except BrokenPipeError:
            raise
        except (MarksError, OSError) as error:
            self.console.print(Text(f"autocull: {make_printable(str(error))}"), soft_wrap=True)
            self.failures += 1
            return False
        return True

    def _clear_temporaries(self) -> None:
        """Remove the temporary files that earlier, killed runs left in the folders that are written to."""
        if self.options.dry_run:
            return
        for folder in self._folders:
            remove_stale_temporaries(folder)

    def _write_sidecars(self) -> None:
        if self.sidecars is None:
            return
        self.user_marked, written_count = 0, 0
        counts: Counter[str] = Counter()
        try:
            for outcome in self.sidecars.finish():
                written_count += outcome.state == "written"
                self.user_marked += bool(outcome.kept_marks)
                counts[kind_of(outcome.frame)] += outcome.has_sidecar
                if outcome.error is not None:
                    self.failures += 1
                    self._print_refused(outcome, outcome.error)
        except KeyboardInterrupt:
            written = f"Marks were written into the sidecars of {format_photos(written_count)}"
            self.console.print(Text(f"Stopped. {written}; the same command writes the others."))
            self._print_undo()
            raise
        verb = "Would write" if self.options.dry_run else "Wrote"
        self.console.print(Text(f"{verb} marks into the sidecars of {format_photos(written_count)}."))
        print_sidecar_use(self.console, counts)
        self._print_undo()

    def _print_undo(self) -> None:
        """Print the command that takes back the sidecars of this run."""
        if self.journal is not None and self.journal.count:
            line = f"To take them back: autocull undo {format_argument(self.journal.path)}"
            self.console.print(Text(line), soft_wrap=True)

    def _print_refused(self, outcome: SidecarOutcome, error: MarksError) -> None:
        line = f"No marks for {make_printable(outcome.frame.path)}: {make_printable(error.message)}"
        self.console.print(Text(line), soft_wrap=True)

    def _write_report(self) -> None:
        path = self.options.report
        if path is None:
            return
        if self.report is not None:
            self.report.finish()
        verb = "Would write" if self.report is None else "Wrote"
        self.console.print(Text(f"{verb} the report {make_printable(path)}."))
        if self.report is not None and self.options.open_report:
            webbrowser.open(path.absolute().as_uri())

    def _sort(self) -> None:
        """Execute the plan, or print it in a dry run; raises MarksError where a step fails."""
        if self.sorting is None:
            return
        plan = self.sorting.finish()
        action = {"copy": "copied", "link": "linked", "move": "moved"}[plan.how]
        if self.options.dry_run:
            for step in plan.steps:
                line = f"{make_printable(step.source)} -> {make_printable(step.target)}"
                self.console.print(Text(line), soft_wrap=True)
            self.console.print(Text(f"{format_count(len(plan.steps), 'file')} would be {action}."))
        else:
            with lock_target(plan.into):
                check_plan(plan)  # another run may have sorted into it meanwhile
                self._execute_plan(plan, action)
        self._print_left_behind(plan)

    def _execute_plan(self, plan: SortPlan, action: str) -> None:
        for folder in {step.target.parent for step in plan.steps}:
            remove_stale_temporaries(folder)
        journal = _new_journal(plan.into.parent, plan.into.name)
        journal.parent.mkdir(parents=True, exist_ok=True)
        done: list[FileOperation] = []
        undo_text = f"To put them back: autocull undo {format_argument(journal)}"
        try:
            count = execute(plan, journal, on_step=done.append)
        except KeyboardInterrupt:
            line = f"Stopped: {len(done):,} of {format_count(len(plan.steps), 'file')} {action}. {undo_text}"
            self.console.print(Text(line), soft_wrap=True)
            raise
        self.console.print(Text(f"{format_count(count, 'file')} {action}. {undo_text}"), soft_wrap=True)

    def _print_left_behind(self, plan: SortPlan) -> None:
        """Print the files that stay, and whose names continue that of a moved photo."""
        for path in plan.left_behind[:MAX_NAMED]:
            line = f"Left behind, perhaps of a moved photo: {make_printable(path)}"
            self.console.print(Text(line), soft_wrap=True)
        if len(plan.left_behind) > MAX_NAMED:
            self.console.print(Text(f"and {len(plan.left_behind) - MAX_NAMED:,} more"))


def _new_journal(folder: Path, prefix: str) -> Path:
    """Return the path of a new journal in a folder, by the time."""
    name = f"{prefix}-{time.strftime('%Y%m%d-%H%M%S')}"
    candidates = (folder / f"{name}{suffix}.journal" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(path for path in candidates if not os.path.lexists(path))


@contextmanager
def open_outputs(
    options: CullOptions,
    settings: Settings,
    cull_run: CullRun,
    console: Console,
) -> Iterator[Outputs]:
    """Open the requested outputs of a run; `console` prints what they write.

    Raises MarksError where the file for JSON lines cannot be written. Files that are not finished at the end
    of the block do not appear.
    """
    with ExitStack() as stack:
        json_lines = None
        if options.json_to == "-":
            json_lines = JsonLinesWriter(sys.stdout.buffer)
        elif options.json_to is not None and not options.dry_run:
            json_lines = stack.enter_context(closing(JsonLinesWriter(Path(options.json_to))))
        report = _open_report(options, settings, cull_run.thumbnail)
        if options.sort_into is not None:
            _print_stopped_runs(options.sort_into, console)
        if report is not None:
            stack.callback(report.close)
        journal = None
        if options.xmp and not options.dry_run:
            journal = stack.enter_context(
                closing(SidecarJournal(_new_journal(paths.journal_folder(), "xmp")))
            )
        yield Outputs(
            options=options,
            console=console,
            json_lines=json_lines,
            sidecars=_open_sidecars(options, cull_run, journal),
            journal=journal,
            report=report,
            sorting=_open_sorting(options, cull_run),
        )


def _open_report(
    options: CullOptions, settings: Settings, find_thumbnail: Callable[[Frame], bytes | None]
) -> ReportWriter | None:
    if options.report is None or options.dry_run:
        return None
    from autocull.output import ReportWriter

    title = _name_shoot(options.paths)
    return ReportWriter(options.report, title=title, settings=settings, find_thumbnail=find_thumbnail)


def _name_shoot(paths: Sequence[Path]) -> str:
    """Return the names of the folders of the photos, the first three where there are more."""
    folders = [path.resolve() if path.is_dir() else path.resolve().parent for path in paths]
    names = list(dict.fromkeys(folder.name or str(folder) for folder in folders))
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _open_sidecars(
    options: CullOptions, cull_run: CullRun, journal: SidecarJournal | None
) -> SidecarWriter | None:
    if not options.xmp:
        return None
    return SidecarWriter(
        Policy(), dry_run=options.dry_run, is_unchanged=cull_run.is_unchanged, journal=journal
    )


def _open_sorting(options: CullOptions, cull_run: CullRun) -> SortPlanner | None:
    if options.sort_into is None or options.by is None:
        return None
    return SortPlanner(options.sort_into, by=options.by, how=options.how, is_unchanged=cull_run.is_unchanged)


def _print_stopped_runs(into: Path, console: Console) -> None:
    """Name the journals of runs that were stopped while they sorted into the same folder."""
    for stopped_run in find_stopped_runs(into.absolute()):
        line = (
            f"An earlier run that sorted into {make_printable(into)} was stopped. Photos and their sidecars "
            f"may be in different folders. `autocull undo {format_argument(stopped_run.journal)}` puts its "
            f"{format_count(stopped_run.files, 'file')} back."
        )
        console.print(Text(line), soft_wrap=True)
