"""Execution of `autocull cull`: measuring and judging with progress, the outputs, and the summary."""

from __future__ import annotations

import time

from rich.console import Console
from rich.text import Text

from autocull.cli.cull import outputs
from autocull.cli.cull.command import CullOptions
from autocull.cli.cull.summary import print_next_step, print_summary
from autocull.cli.formatting import format_photos, make_printable
from autocull.cli.options import load_taste
from autocull.cli.progress import show_progress
from autocull.judge import load_settings
from autocull.paths import user_settings_file
from autocull.pipeline import CullRun, ShootJudge, judge_shoot


def execute(options: CullOptions, cull_run: CullRun) -> int:
    """Measure and judge, write the outputs, print the table, and return the exit code.

    Raises SettingsError before anything is judged, and ModelError where a model is not usable.
    """
    settings = load_settings(
        options.profile, options.settings_file, dict(options.changes), user_file=user_settings_file()
    )
    stderr = Console(stderr=True, highlight=False)
    if not cull_run.total:
        stderr.print(Text(f"There are no photos in {', '.join(map(make_printable, options.paths))}."))
        return 1
    out = Console(stderr=options.json_to == "-", highlight=False)
    shoot_judge = ShootJudge(settings, load_taste(options.taste, options.tastes), cull_run.store)
    start_time = time.monotonic()
    with outputs.open_outputs(options, settings, cull_run, out) as run_outputs:
        is_complete = _judge_photos(cull_run, shoot_judge, run_outputs, stderr)
        seconds = time.monotonic() - start_time
        if is_complete:
            run_outputs.finish()
    print_summary(out, cull_run.counts, shoot_judge.series_counts, seconds, run_outputs.user_marked)
    if not is_complete:
        progress_text = f"{format_photos(cull_run.counts.processed)} of {cull_run.total:,} are done and kept"
        out.print(Text(f"Stopped: {progress_text}. No marks were written."))
        out.print(Text("Run the same command again to continue."))
        return 130
    print_next_step(out, has_report=options.report is not None, has_marks=options.xmp)
    return 1 if run_outputs.failures else 0


def _judge_photos(
    cull_run: CullRun, shoot_judge: ShootJudge, run_outputs: outputs.Outputs, stderr: Console
) -> bool:
    """Measure and judge every photo, and add the results to the outputs; False after Ctrl-C."""
    try:
        with show_progress(stderr, cull_run.total) as on_progress:
            results = judge_shoot(
                cull_run, shoot_judge, on_result=lambda _: on_progress(cull_run.counts.measured > 0)
            )
        cull_run.counts.replace_verdicts(shoot_judge.verdicts())
        run_outputs.add_all(results)
    except KeyboardInterrupt:
        return False
    return True
