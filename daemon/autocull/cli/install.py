"""`autocull install` and `autocull uninstall`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from autocull.cli.options import print_warning

if TYPE_CHECKING:
    from autocull.install import DataKind, Installation


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
def install(dry_run: bool) -> int:
    """Install the plug-in in Lightroom, start the daemon now and at login, and check that it answers."""
    from autocull.install import installer

    user_installation = current_installation()
    if dry_run:
        for line in installer.describe_plan(user_installation):
            click.echo(line)
        return 0
    installer.install(user_installation, click.echo, print_warning)
    if user_installation.system.has_lightroom:
        click.echo("Restart Lightroom Classic: Autocull's commands are in Library > Plug-in Extras.")
    return 0


@click.command()
@click.option(
    "--keep-cache/--delete-cache", "keep_cache", default=None,
    help="Whether measurements are kept; a terminal prompts for it, otherwise they are kept.",
)  # fmt: skip
@click.option("--delete-tastes", is_flag=True, help="Delete the learned tastes and their reports too.")
@click.option(
    "--delete-journals",
    is_flag=True,
    help="Delete jobs and journals too: no run can be undone afterwards.",
)
@click.option("--delete-settings", is_flag=True, help="Delete your settings file too.")
def uninstall(
    keep_cache: bool | None, delete_tastes: bool, delete_journals: bool, delete_settings: bool
) -> int:
    """Stop the daemon, and remove its login entry, the plug-in, the token and the log.

    What stays is named with its path and size. Nothing that you made is deleted without an option.
    """
    from autocull.install import installer

    user_installation = current_installation()
    if keep_cache is None:
        keep_cache = not (user_installation.paths.store.exists() and _confirm_removal())
    choices: dict[DataKind, bool] = {
        "measurements": not keep_cache, "tastes": delete_tastes, "journals": delete_journals,
        "sidecar journals": delete_journals, "settings": delete_settings,
    }  # fmt: skip
    delete = {kind for kind, is_chosen in choices.items() if is_chosen}
    installer.uninstall(user_installation, click.echo, print_warning, delete=delete)
    return 0


def current_installation() -> Installation:
    """Return where everything is installed for this user."""
    from autocull.install import Installation, detect_system, find_plugin_source
    from autocull.paths import app_paths

    return Installation(detect_system(), app_paths(), find_plugin_source())


def _confirm_removal() -> bool:
    terminal = sys.stdin is not None and sys.stdin.isatty()
    return terminal and click.confirm("Also delete the measurements of your photos?", default=False)
