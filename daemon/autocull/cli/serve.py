"""The command `autocull serve`: runs the daemon in the foreground."""

from __future__ import annotations

from pathlib import Path

import click

from autocull.cli.options import time_limit_option, workers_option


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default="any that is free",
    help="Port to listen on, on this machine only.",
)  # fmt: skip
@workers_option
@time_limit_option
@click.option(
    "--idle", "idle_s", type=click.FloatRange(0.1), default=300.0, show_default=True, metavar="S",
    help="Seconds without work after which the networks are unloaded.",
)  # fmt: skip
@click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), envvar="AUTOCULL_STORE",
    help="Keep the evidence in this .sqlite file.",
)  # fmt: skip
@click.option("--debug", is_flag=True, help="Log more; the log may then name photos.")
@click.option(
    "--background", is_flag=True, help="No output once the daemon is ready (login entries use this)."
)
def serve(
    port: int,
    workers: int,
    time_limit: float,
    idle_s: float,
    store: Path | None,
    debug: bool,
    background: bool,
) -> int:
    """Run the daemon that serves Lightroom's plug-in, until Ctrl-C or `autocull stop`."""
    from autocull.paths import app_paths
    from autocull.serve import AlreadyRunning, ServeOptions
    from autocull.serve import serve as run_server

    options = ServeOptions(
        port=port, workers=workers, time_limit=time_limit, idle_s=idle_s, store=store, debug=debug,
        background=background,
    )  # fmt: skip
    user_file = app_paths().settings
    if not background and user_file.exists():  # in the background each job is refused until it is corrected
        from autocull.judge import load_settings  # imports NumPy, which a daemon without work does not need

        load_settings(user_file=user_file)
    try:
        run_server(options, app_paths(), click.echo)
    except AlreadyRunning as error:
        if not background:
            raise
        click.echo(error.message)
    return 0
