"""`autocull start`, `stop`, `status` and `restart`: the daemon in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autocull.cli.formatting import duration

if TYPE_CHECKING:
    from autocull.paths import Places
    from autocull.serve.process.lifecycle import Seen

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
    from autocull.serve.process.lifecycle import look

    places = _places()
    before = look(places, _note)
    after = _start(places)
    same = before.published == after.published
    click.echo(f"Autocull {'is running already' if same else 'runs'}: {_where(after)}.")
    return 0


@click.command()
def stop() -> int:
    """End the daemon; the photos in work are finished, and jobs go on at the next start."""
    from autocull.serve.process.lifecycle import stop as end

    click.echo("Autocull has ended." if end(_places(), _note) else "Autocull was not running.")
    return 0


@click.command()
def restart() -> int:
    """End the daemon and start it anew."""
    from autocull.serve.process.lifecycle import stop as end

    places = _places()
    end(places, _note)
    click.echo(f"Autocull runs: {_where(_start(places))}.")
    return 0


@click.command()
def status() -> int:
    """Say whether the daemon runs and what it is at; the exit code is 1 where none answers."""
    from autocull.serve.process.lifecycle import look

    seen = look(_places(), _note)
    if seen.state != "running":
        click.echo(_STATES[seen.state])
        return 1
    click.echo(f"Autocull runs: {_where(seen)}.")
    for line in _about(seen):
        click.echo(line)
    return 0


def _places() -> Places:
    from autocull.paths import places

    return places()


def _start(places: Places) -> Seen:
    from autocull.serve.process.lifecycle import start as begin

    return begin(places, _note)


def _where(seen: Seen) -> str:
    assert seen.published is not None, "only who is published runs"
    return f"version {seen.version}, process {seen.published.pid}, port {seen.published.port}"


def _about(seen: Seen) -> list[str]:
    status = seen.status or {}
    loaded = "in memory" if status.get("networks_loaded") else "not loaded"
    job = f"at job {status['job']}" if status.get("job") else "idle"
    return [
        f"  {job}, {status.get('waiting', 0)} waiting; networks {loaded}",
        f"  up for {duration(float(status.get('uptime_s', 0.0)))}",
    ]


def _note(sentence: str) -> None:
    click.echo(sentence, err=True)
