"""The second half of `autocull cull`: judging, telling and writing, while the workers measure."""

from __future__ import annotations

import time
import webbrowser
from functools import partial

from rich.console import Console
from rich.text import Text

from autocull.cli.cull import outputs
from autocull.cli.cull.command import CullOptions
from autocull.cli.cull.summary import print_summary
from autocull.cli.formatting import format_photos, make_printable
from autocull.cli.progress import show_progress
from autocull.errors import MarksError
from autocull.judge import Settings, load_settings
from autocull.measure.models import models_root, versions
from autocull.paths import default_tastes
from autocull.pipeline.cull_run import CullRun, Judge
from autocull.pipeline.two_pass import ShootJudge, judge_shoot
from autocull.taste.profile import Profile
from autocull.taste.profile_store import ProfileStore


def finish(options: CullOptions, cull_run: CullRun, *, total: int) -> int:
    """Measure and judge, write what was ordered, print the table; returns the exit code.

    Raises SettingsError before anything is judged, and ModelError where a model is not usable.
    """
    settings = load_settings(options.profile, options.settings_file, dict(options.changes))
    stderr = Console(stderr=True, highlight=False)
    if not total:
        stderr.print(Text(f"There are no photos in {', '.join(map(make_printable, options.paths))}."))
        return 1
    out = Console(stderr=options.json_to == "-", highlight=False)
    shoot_judge = ShootJudge(settings, _open_taste(options, stderr))
    start_time = time.monotonic()
    interrupted = not _judge_photos(options, cull_run, shoot_judge, total, stderr)
    seconds = time.monotonic() - start_time
    skipped = (
        outputs.SkippedOutputs()
        if interrupted
        else _write_outputs(options, settings, cull_run, shoot_judge.judge, out)
    )
    print_summary(out, cull_run.counts, shoot_judge.series_counts, seconds, skipped.user_marked)
    if interrupted:
        progress_text = f"{format_photos(cull_run.counts.processed)} of {total:,} are done and kept"
        out.print(Text(f"Stopped by Ctrl-C: {progress_text}. No marks were written."))
        out.print(Text("The same command goes on from there."))
        return 130
    return 1 if skipped.refused else 0


def _open_taste(options: CullOptions, stderr: Console) -> Profile | None:
    """Open the taste that was named; raises SettingsError where there is none of that name."""
    if options.taste is None:
        return None
    taste = ProfileStore(options.tastes or default_tastes()).load(options.taste)
    if dict(taste.origin.models) != versions(models_root()):
        stderr.print(Text(f"{taste.name} was learned with other networks: it only shows. Learn it again."))
    elif not taste.acts:
        stderr.print(Text(f"{taste.name} was not surely better than the plain ensemble: it only shows."))
    return taste


def _judge_photos(
    options: CullOptions, cull_run: CullRun, shoot_judge: ShootJudge, total: int, stderr: Console
) -> bool:
    """Measure and judge every photo, beside its siblings in the end, with the JSON lines and the progress.

    False where Ctrl-C came.
    """
    with outputs.open_json_lines(options.json_to, dry_run=options.dry_run) as write_json:
        try:
            with show_progress(stderr, total) as on_progress:
                results = judge_shoot(
                    cull_run, shoot_judge, on_result=lambda _: on_progress(cull_run.counts.measured > 0)
                )
            cull_run.counts.replace_verdicts(shoot_judge.verdicts())
            write_json(results)
        except KeyboardInterrupt:
            return False
    return True


def _write_outputs(
    options: CullOptions, settings: Settings, cull_run: CullRun, judge: Judge, out: Console
) -> outputs.SkippedOutputs:
    """Write what was ordered: sidecars, the report, and sorting last, since it may move the photos."""
    skipped, results = outputs.SkippedOutputs(), partial(cull_run.results, judge)
    try:
        if options.xmp:
            skipped = outputs.write_marks(results, out, dry_run=options.dry_run)
        if options.report is not None:
            rows = ((result, cull_run.thumbnail(result.frame)) for result in results())
            outputs.write_html_report(rows, options.report, settings, out, dry_run=options.dry_run)
            if options.open_report and not options.dry_run:
                webbrowser.open(options.report.absolute().as_uri())
        if options.sort_into is not None and options.by is not None:
            outputs.sort_photos(
                results, options.sort_into, options.by, options.how, out, dry_run=options.dry_run
            )
    except (MarksError, OSError) as error:
        out.print(Text(f"autocull: {make_printable(str(error))}"), soft_wrap=True)
        skipped.refused += 1
    return skipped
