"""The first half of `autocull cull`: the photos are found, and the workers are on their way.

Only what this needs is imported here; the rest, which takes as long again, while the workers start.
"""

from __future__ import annotations

import gc
from contextlib import closing
from functools import partial

import click

from autocull.cli.cull.command import Order
from autocull.measure.models import models_root, versions
from autocull.paths import default_store
from autocull.pipeline.cull_run import Culling
from autocull.pipeline.evidence_store import Store
from autocull.pipeline.worker_main import ensemble_at
from autocull.pipeline.worker_pool import Workers
from autocull.read import Found, find_frames


def carry_out(order: Order) -> int:
    """Cull as ordered, and return the exit code; raises AutocullError where nothing could be done."""
    gc.set_threshold(100_000)  # millions of small values without cycles: looking for those takes a third
    found = find_frames(order.paths)
    with (
        closing(Store(order.store or default_store(), warn)) as store,
        closing(culling_of(found, store, order.workers, order.time_limit)) as culling,
    ):
        culling.get_ready()
        from autocull.cli.cull.results import finish

        return finish(order, culling, total=len(found.frames) + len(found.unreadable))


def culling_of(found: Found, store: Store, workers: int, time_limit: float) -> Culling:
    """Make a run over what was found, with so many worker processes and seconds per photo."""
    models = models_root()
    return Culling(
        found,
        store=store,
        versions=versions(models),
        start_workers=partial(Workers, partial(ensemble_at, models), count=workers, time_limit=time_limit),
    )


def warn(sentence: str) -> None:
    """Say on the standard error what the store has to say."""
    from autocull.cli.formatting import printable

    click.echo(f"autocull: {printable(sentence)}", err=True)
