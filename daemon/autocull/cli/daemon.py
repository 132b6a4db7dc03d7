"""`autocull start`, `stop`, `status` and `restart`: the daemon in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autocull.cli.formatting import format_duration

if TYPE_CHECKING:
    from autocull.paths import AppPaths
    from autocull.serve.process.lifecycle import DaemonState

_STATES = {
    "stopped": "Autocull is not running.",
    "left behind": "Autocull is not running; the last daemon died, and the next start tidies up after it.",
    "stranger": "Autocull is not running; another program listens where it did. `autocull start` is safe.",
    "starting": "Autocull is starting.",
    "stopping": "Autocull is stopping: it finishes the photos in work.",
    "silent": "A daemon lives but does not answer. `autocull restart` ends it and starts another.",
    "refused": "A daemon lives but refuses our token. `autocull restart` ends it and starts another.",
}


@click.command()
def start() -> int:
    """Start the daemon in the background, and wait until it answers; an older version is replaced."""
    from autocull.serve.process.lifecycle import probe

    paths = _app_paths()
    previous = probe(paths, _print_warning)
    current = _start_daemon(paths)
    is_same = previous.info == current.info
    click.echo(f"Autocull {'is running already' if is_same else 'runs'}: {_format_address(current)}.")
    return 0


@click.command()
def stop() -> int:
    """End the daemon; the photos in work are finished, and jobs go on at the next start."""
    from autocull.serve.process.lifecycle import stop as end

    click.echo("Autocull has ended." if end(_app_paths(), _print_warning) else "Autocull was not running.")
    return 0


@click.command()
def restart() -> int:
    """End the daemon and start it anew."""
    from autocull.serve.process.lifecycle import stop as end

    paths = _app_paths()
    end(paths, _print_warning)
    click.echo(f"Autocull runs: {_format_address(_start_daemon(paths))}.")
    return 0


@click.command()
def status() -> int:
    """Say whether the daemon runs and what it is at; the exit code is 1 where none answers."""
    from autocull.serve.process.lifecycle import probe

    daemon = probe(_app_paths(), _print_warning)
    if daemon.state != "running":
        click.echo(_STATES[daemon.state])
        return 1
    click.echo(f"Autocull runs: {_format_address(daemon)}.")
    for line in _format_status(daemon):
        click.echo(line)
    return 0


def _app_paths() -> AppPaths:
    from autocull.paths import app_paths

    return app_paths()


def _start_daemon(paths: AppPaths) -> DaemonState:
    from autocull.serve.process.lifecycle import start as begin

    return begin(paths, _print_warning)


def _format_address(daemon: DaemonState) -> str:
    assert daemon.info is not None, "only who is published runs"
    return f"version {daemon.version}, process {daemon.info.pid}, port {daemon.info.port}"


def _format_status(daemon: DaemonState) -> list[str]:
    status = daemon.status or {}
    loaded = "in memory" if status.get("networks_loaded") else "not loaded"
    job = f"at job {status['job']}" if status.get("job") else "idle"
    return [
        f"  {job}, {status.get('waiting', 0)} waiting; networks {loaded}",
        f"  up for {format_duration(float(status.get('uptime_s', 0.0)))}",
    ]


def _print_warning(message: str) -> None:
    click.echo(message, err=True)
