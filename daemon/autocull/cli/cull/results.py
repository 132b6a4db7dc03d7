"""The second half of `autocull cull`: judging, telling and writing, while the workers measure."""

from __future__ import annotations

import time
import webbrowser
from contextlib import closing
from functools import partial

from rich.console import Console
from rich.text import Text

from autocull.cli.cull import outputs
from autocull.cli.cull.command import Order
from autocull.cli.cull.summary import show
from autocull.cli.formatting import photos, printable
from autocull.cli.progress import showing
from autocull.errors import MarksError
from autocull.judge import Settings, load_settings
from autocull.measure.models import models_root, versions
from autocull.paths import default_tastes
from autocull.pipeline.cull_run import Culling, Judge
from autocull.pipeline.two_pass import Together
from autocull.taste.profile import Profile
from autocull.taste.profile_store import Tastes


def finish(order: Order, culling: Culling, *, total: int) -> int:
    """Measure and judge, write what was ordered, print the table; returns the exit code.

    Raises SettingsError before anything is judged, and ModelError where a model is not usable.
    """
    settings = load_settings(order.profile, order.settings_file, dict(order.changes))
    aside = Console(stderr=True, highlight=False)
    if not total:
        aside.print(Text(f"There are no photos in {', '.join(map(printable, order.paths))}."))
        return 1
    out = Console(stderr=order.json_to == "-", highlight=False)
    together = Together(settings, _taste(order, aside))
    started = time.monotonic()
    stopped = not _run(order, culling, together, total, aside)
    seconds = time.monotonic() - started
    left = outputs.Left() if stopped else _write(order, settings, culling, together.judge, out)
    show(out, culling.tally, together.series, seconds, left.alone)
    if stopped:
        done = f"{photos(culling.tally.seen)} of {total:,} are done and kept"
        out.print(Text(f"Stopped by Ctrl-C: {done}. No marks were written."))
        out.print(Text("The same command goes on from there."))
        return 130
    return 1 if left.refused else 0


def _taste(order: Order, aside: Console) -> Profile | None:
    """Open the taste that was named; raises SettingsError where there is none of that name."""
    if order.taste is None:
        return None
    taste = Tastes(order.tastes or default_tastes()).open(order.taste)
    if dict(taste.origin.models) != versions(models_root()):
        aside.print(Text(f"{taste.name} was learned with other networks: it only shows. Learn it again."))
    elif not taste.acts:
        aside.print(Text(f"{taste.name} was not surely better than the plain ensemble: it only shows."))
    return taste


def _run(order: Order, culling: Culling, together: Together, total: int, aside: Console) -> bool:
    """Measure and judge every photo, beside its siblings in the end, with the JSON lines and the progress.

    False where Ctrl-C came.
    """
    with outputs.json_lines(order.json_to, dry_run=order.dry_run) as write:
        try:
            with showing(aside, total) as step, closing(culling.run(together.hear)) as results:
                for _ in results:
                    step(culling.tally.measured > 0)
            together.conclude()
            culling.tally.settle(together.verdicts())
            write(culling.results(together.judge))
        except KeyboardInterrupt:
            return False
    return True


def _write(order: Order, settings: Settings, culling: Culling, judging: Judge, out: Console) -> outputs.Left:
    """Write what was ordered: sidecars, the report, and sorting last, since it may move the photos."""
    left, results = outputs.Left(), partial(culling.results, judging)
    try:
        if order.xmp:
            left = outputs.sidecars(results, out, dry_run=order.dry_run)
        if order.report is not None:
            rows = ((result, culling.thumbnail(result.frame)) for result in results())
            outputs.report(rows, order.report, settings, out, dry_run=order.dry_run)
            if order.open_report and not order.dry_run:
                webbrowser.open(order.report.absolute().as_uri())
        if order.sort_into is not None and order.by is not None:
            outputs.sort(results, order.sort_into, order.by, order.how, out, dry_run=order.dry_run)
    except (MarksError, OSError) as error:
        out.print(Text(f"autocull: {printable(str(error))}"), soft_wrap=True)
        left.refused += 1
    return left
