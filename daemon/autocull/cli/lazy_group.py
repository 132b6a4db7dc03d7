"""The commands of `autocull`; each module is imported when its command is used, so that start-up is fast."""

from __future__ import annotations

from difflib import get_close_matches
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
    "settings": "autocull.cli.settings",
    "profiles": "autocull.cli.settings",
    "completion": "autocull.cli.completion",
    "menu": "autocull.cli.menu",
    "train": "autocull.cli.train",
    "tune": "autocull.cli.tune",
    "compare-backbones": "autocull.cli.compare_backbones",
    "evaluate": "autocull.cli.evaluate",
    "bench": "autocull.cli.bench",
    "export-fixture": "autocull.cli.export_fixture",
}
"""The module of each command; the function has the command's name, with `_` for `-`."""

GROUPS = {
    "Photos": ("cull", "explain", "undo", "demo", "settings", "profiles"),
    "Lightroom": ("install", "uninstall", "doctor", "status", "start", "stop", "restart", "serve"),
    "Learning": ("learn", "taste"),
    "Shell": ("menu", "completion"),
}
"""The commands under each heading of the help text; all others are under "Development"."""

_MAX_SENTENCE = 200
"""Characters of a command's sentence in the help text; it is wrapped, not cut."""


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; the error for a wrong name suggests the nearest."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            close = get_close_matches(name.lower(), COMMANDS, n=1)
            advice = f"Did you mean {close[0]}?" if close else "`autocull --help` lists the commands."
            ctx.fail(f"There is no command {name}. {advice}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under the headings of `GROUPS`, each with a whole sentence."""
        grouped = {name for names in GROUPS.values() for name in names}
        development = tuple(name for name in COMMANDS if name not in grouped)
        for heading, names in {**GROUPS, "Development": development}.items():
            commands = ((name, self.get_command(ctx, name)) for name in names)
            with formatter.section(heading):
                formatter.write_dl(
                    [(name, each.get_short_help_str(_MAX_SENTENCE)) for name, each in commands if each],
                    col_max=20,
                )


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="autocull")
def commands() -> None:
    """Cull a shoot on your own machine: a verdict for every photo, with stars, labels and reasons.

    Exit codes: 0 done; 1 done in part; 2 wrong command or setting; 3 a model, the store or the
    daemon is not usable; 130 stopped by Ctrl-C.
    """
