"""`autocull completion`: the script that completes commands and options in a shell."""

from __future__ import annotations

import click

_HINTS = {
    "bash": 'eval "$(autocull completion bash)"   # in ~/.bashrc',
    "zsh": 'eval "$(autocull completion zsh)"    # in ~/.zshrc, after compinit',
    "fish": "autocull completion fish | source    # in ~/.config/fish/config.fish",
}


@click.command(
    epilog="To use it, add the line for your shell: " + "; ".join(f"{line}" for line in _HINTS.values())
)
@click.argument("shell", type=click.Choice(list(_HINTS)))
def completion(shell: str) -> None:
    """Print the completion script of a shell: bash (4.4 or later), zsh or fish."""
    from click.shell_completion import get_completion_class

    from autocull.cli.lazy_group import commands

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(commands, {}, "autocull", "_AUTOCULL_COMPLETE").source())
