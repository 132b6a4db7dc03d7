"""The commands of `autocull`; each module is imported when its command is used, so that start-up is fast."""

from __future__ import annotations

from importlib import import_module

import click

from autocull import __version__

COMMANDS = {
    "cull": "autocull.cli.cull.command",
    "explain": "autocull.cli.explain",
    "undo": "autocull.cli.undo",
    "learn": "autocull.cli.learn",
    "taste": "autocull.cli.taste",
    "demo": "autocull.cli.demo",
    "install": "autocull.cli.install",
    "uninstall": "autocull.cli.install",
    "serve": "autocull.cli.serve",
    "start": "autocull.cli.daemon",
    "stop": "autocull.cli.daemon",
    "status": "autocull.cli.daemon",
    "restart": "autocull.cli.daemon",
    "doctor": "autocull.cli.doctor",
    "train": "autocull.cli.train",
    "tune": "autocull.cli.tune",
    "compare-backbones": "autocull.cli.compare_backbones",
    "evaluate": "autocull.cli.evaluate",
    "export-fixture": "autocull.cli.export_fixture",
}
"""The module of each command; the function has the command's name, with `_` for `-`."""


class LazyGroup(click.Group):
    """A command group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the names in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's module and return the command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="autocull")
def commands() -> None:
    """Cull a shoot on your own machine: a verdict for every photo, with stars, labels and reasons.

    Exit codes: 0 done; 1 done in part; 2 wrong command or setting; 3 a model, the store or the
    daemon is not usable; 130 stopped by Ctrl-C.
    """
