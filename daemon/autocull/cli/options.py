"""Options that commands share: how many processes read and measure, and for how long one photo."""

from __future__ import annotations

import os

import click

MOST_WORKERS = 8
"""More workers than this only wait for the disk."""

workers_option = click.option(
    "--workers", type=click.IntRange(1, 64), default=lambda: min(os.cpu_count() or 1, MOST_WORKERS),
    show_default=f"one per processor, at most {MOST_WORKERS}", help="Processes that read and measure.",
)  # fmt: skip
time_limit_option = click.option(
    "--time-limit", type=click.FloatRange(0.1), default=60.0, show_default=True, metavar="S",
    help="Seconds after which a photo counts as unreadable.",
)  # fmt: skip
