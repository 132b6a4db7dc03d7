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

_EXTRAS = {
    "train": {"keras", "keras_tuner", "matplotlib", "scipy", "tensorboard", "tensorflow"},
    "dev": {"imagehash", "sklearn"},
}
"""The packages that commands for developers need, by the extra that installs them."""

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
    except ModuleNotFoundError as error:
        return _report_missing_package(error)
    except BrokenPipeError:  # `autocull cull ... --json - | head`: the reading program has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (click.Abort, KeyboardInterrupt):
        print("autocull: stopped.", file=sys.stderr)  # noqa: T201 - output of the command line
        return 130


def _report_missing_package(error: ModuleNotFoundError) -> int:
    """Print which extra holds the missing package; raises the error again where none does."""
    package = error.name or ""
    extra = next((each for each, packages in _EXTRAS.items() if package.split(".")[0] in packages), None)
    if package == "autocull.train":  # the self-contained program has no part for developers
        extra = "train"
    if extra is not None:
        message = (
            f"This command needs {package}, which is installed with the extra {extra} only: "
            f'pip install "autocull[{extra}]", or `make test` in a checkout.'
        )
        return _print_error(ImportError(message), 2)
    raise error


def _print_error(error: Exception, code: int) -> int:
    print(f"autocull: {error}", file=sys.stderr)  # noqa: T201 - output of the command line
    return code


def _escape_unencodable() -> None:
    """Print characters that the terminal's encoding lacks as escapes instead of raising an error."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
