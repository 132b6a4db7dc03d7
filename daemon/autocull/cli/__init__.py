"""The command line.

Exit codes: 0 done; 1 done in part (no photo was found, or some marks could not be written, each named); 2 the
command or a setting is wrong, and nothing was done; 3 a model, the store or the daemon is not usable; 130
stopped by Ctrl-C, and what was done is kept.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["main"]

# Worker processes import this module at their start: everything else is imported where it is used.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `autocull` with these arguments (default: those of the process) and return the exit code."""
    import click

    from autocull.cli.lazy_group import commands
    from autocull.errors import AutocullError, ManifestError, MarksError, PeerError, SettingsError

    _escape_unencodable()
    try:
        code = commands.main(arguments, prog_name="autocull", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (SettingsError, ManifestError, PeerError) as error:
        return _print_error(error, 2)
    except MarksError as error:
        return _print_error(error, 1)
    except AutocullError as error:
        return _print_error(error, 3)
    except BrokenPipeError:  # `autocull cull ... --json - | head`: the reading program has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (click.Abort, KeyboardInterrupt):
        print("autocull: stopped.", file=sys.stderr)  # noqa: T201 - output of the command line
        return 130


def _print_error(error: Exception, code: int) -> int:
    print(f"autocull: {error}", file=sys.stderr)  # noqa: T201 - output of the command line
    return code


def _escape_unencodable() -> None:
    """Print characters that the terminal's encoding lacks as escapes instead of raising an error."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
