"""The commands `autocull start`, `stop`, `status` and `restart` for the daemon in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autocull.cli.formatting import format_duration
from autocull.cli.options import print_warning

if TYPE_CHECKING:
    from autocull.paths import AppPaths
    from autocull.serve import DaemonState

_STATES = {
    "stopped": "Autocull is not running.",
    "left_behind": "Autocull is not running; the last daemon crashed. The next start cleans up after it.",
    "port_taken": "Autocull is not running; another program uses its last port. `autocull start` is safe.",
    "starting": "Autocull is starting.",
    "stopping": "Autocull is stopping: it finishes the photos in work.",
    "silent": "The daemon runs but does not answer. `autocull restart` ends it and starts a new one.",
    "refused": "The daemon runs but refuses the token. `autocull restart` ends it and starts a new one.",
}


@click.command()
def start() -> int:
    """Start the daemon in the background and wait until it answers; an older version is replaced."""
    from autocull.serve import probe

    paths = _app_paths()
    previous = probe(paths, print_warning)
    current = _start_daemon(paths)
    is_same = previous.info == current.info
    click.echo(f"Autocull {'is already running' if is_same else 'is running'}: {_format_address(current)}.")
    return 0


@click.command()
def stop() -> int:
    """Stop the daemon; the photos in work are finished, and jobs go on at the next start."""
    from autocull.serve import stop as stop_daemon

    was_running = stop_daemon(_app_paths(), print_warning)
    click.echo("Autocull has stopped." if was_running else "Autocull was not running.")
    return 0


@click.command()
def restart() -> int:
    """Stop the daemon and start it again."""
    from autocull.serve import stop as stop_daemon

    paths = _app_paths()
    stop_daemon(paths, print_warning)
    click.echo(f"Autocull is running: {_format_address(_start_daemon(paths))}.")
    return 0


@click.command()
def status() -> int:
    """Show whether the daemon runs and what it works on; the exit code is 1 if none answers."""
    from autocull.serve import probe

    daemon = probe(_app_paths(), print_warning)
    if daemon.state != "running":
        click.echo(_STATES[daemon.state])
        return 1
    click.echo(f"Autocull is running: {_format_address(daemon)}.")
    for line in _format_status(daemon):
        click.echo(line)
    return 0


def _app_paths() -> AppPaths:
    from autocull.paths import app_paths

    return app_paths()


def _start_daemon(paths: AppPaths) -> DaemonState:
    from autocull.serve import start as start_daemon

    return start_daemon(paths, print_warning)


def _format_address(daemon: DaemonState) -> str:
    assert daemon.info is not None, "a running daemon has published its address"
    return f"version {daemon.version}, process {daemon.info.pid}, port {daemon.info.port}"


def _format_status(daemon: DaemonState) -> list[str]:
    status = daemon.status or {}
    loaded = "in memory" if status.get("networks_loaded") else "not loaded"
    job = f"working on job {status['job']}" if status.get("job") else "idle"
    return [
        f"  {job}, {status.get('waiting', 0)} waiting; networks {loaded}",
        f"  up for {format_duration(float(status.get('uptime_s', 0.0)))}",
    ]
