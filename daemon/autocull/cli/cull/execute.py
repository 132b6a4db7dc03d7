"""The first half of `autocull cull`: the photos are found, and the workers are on their way.

Only what this needs is imported here; the rest, which takes as long again, while the workers start.
"""

from __future__ import annotations

import gc
from contextlib import closing
from functools import partial

import click

from autocull.cli.cull.command import CullOptions
from autocull.measure.models import models_root, versions
from autocull.paths import default_store
from autocull.pipeline.cull_run import CullRun
from autocull.pipeline.evidence_store import EvidenceStore
from autocull.pipeline.worker_main import make_measure
from autocull.pipeline.worker_pool import Workers
from autocull.read import ScanResult, find_frames


def run_cull(options: CullOptions) -> int:
    """Cull as ordered, and return the exit code; raises AutocullError where nothing could be done."""
    gc.set_threshold(100_000)  # millions of small values without cycles: looking for those takes a third
    scan = find_frames(options.paths)
    with (
        closing(EvidenceStore(options.store or default_store(), print_warning)) as store,
        closing(make_cull_run(scan, store, options.workers, options.time_limit)) as cull_run,
    ):
        cull_run.get_ready()
        from autocull.cli.cull.results import finish

        return finish(options, cull_run, total=len(scan.frames) + len(scan.unreadable))


def make_cull_run(scan: ScanResult, store: EvidenceStore, workers: int, time_limit: float) -> CullRun:
    """Make a run over what was found, with so many worker processes and seconds per photo."""
    models = models_root()
    return CullRun(
        scan,
        store=store,
        versions=versions(models),
        start_workers=partial(Workers, partial(make_measure, models), count=workers, time_limit=time_limit),
    )


def print_warning(message: str) -> None:
    """Say on the standard error what the store has to say."""
    from autocull.cli.formatting import make_printable

    click.echo(f"autocull: {make_printable(message)}", err=True)
