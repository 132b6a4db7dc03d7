"""The command line of `autocull cull`, and the start of its run."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

import click

from autocull.cli.options import (
    OutputFile,
    OutputFolder,
    print_warning,
    store_option,
    tastes_option,
    time_limit_option,
    workers_option,
)

SortKey = Literal["verdict", "category", "defect", "eyes"]
SortMode = Literal["copy", "link", "move"]
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)
"""The properties by which photos can be sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CullOptions:
    """The options of one `autocull cull`, by the names in its help; `time_limit` is in seconds."""

    paths: tuple[Path, ...]
    profile: str | None = None
    taste: str | None = None
    tastes: Path | None = None
    changes: Mapping[str, str]
    settings_file: Path | None = None
    json_to: str | None = None
    xmp: bool = False
    sort_into: Path | None = None
    by: SortKey | None = None
    how: SortMode = "copy"
    report: Path | None = None
    open_report: bool = False
    workers: int = 1
    time_limit: float = 60.0
    store: Path | None = None
    dry_run: bool = False


_FILE = click.Path(dir_okay=False, path_type=Path)


def parse_key_values(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Parse each KEY=VALUE; the last value of a key counts."""
    for each in values:
        if "=" not in each:
            raise click.BadParameter(f"{each!r} is not KEY=VALUE; an example is eyes_reject=0.2.")
    return {key.strip(): value.strip() for key, _, value in (each.partition("=") for each in values)}


def require_suffix(*suffixes: str) -> Any:
    """Return a callback that refuses other suffixes, so that a typing error never overwrites a photo."""

    def check(_: click.Context, __: click.Parameter, value: Any) -> Any:
        if value is not None and str(value) != "-" and Path(value).suffix.lower() not in suffixes:
            raise click.BadParameter(f"{str(value)!r} does not end in {' or '.join(suffixes)}.")
        return value

    return check


def require_existing(_: click.Context, __: click.Parameter, values: tuple[Path, ...]) -> tuple[Path, ...]:
    """Refuse a path that does not exist, and name the most similar one, before anything is written."""
    for path in values:
        if not os.path.lexists(path):
            raise click.BadParameter(f"There is no file or folder {path}.{_suggest_path(path)}")
    return values


def _suggest_path(path: Path) -> str:
    """Return a sentence that names the most similar path next to a missing one, or its missing folder."""
    folder = path.absolute().parent
    if not folder.is_dir():
        return f" Its folder {folder} does not exist either."
    try:
        names = {name.casefold(): name for name in os.listdir(folder)}  # noqa: PTH208 - names in any encoding
    except OSError:
        return ""
    close = get_close_matches(path.name.casefold(), names, n=1)
    return f" Did you mean {path.with_name(names[close[0]])}?" if close else ""


@click.command(
    epilog="Exit codes: 0 done; 1 done in part (no photo found, or some marks could not be written); "
    "2 wrong command or setting; 3 a model or the store is not usable; 130 stopped by Ctrl-C. "
    "Photos that cannot be read are named and change no exit code."
)
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    metavar="PATH...",
    callback=require_existing,
)
@click.option("--profile", metavar="NAME", help="Kind of shoot, such as balanced, portrait or sports.")
@click.option("--taste", metavar="NAME", help="A taste that `autocull learn` learned from your selects.")
@tastes_option
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    callback=parse_key_values,
    help="Change one setting (repeatable).",
)
@click.option("--settings", "settings_file", type=_FILE, help="Settings from a TOML file.")
@click.option(
    "--json", "json_to", type=OutputFile(allow_dash=True, path_type=str), metavar="FILE|-",
    callback=require_suffix(".json", ".jsonl", ".ndjson"),
    help="One JSON object per line and photo; - is the standard output.",
)  # fmt: skip
@click.option(
    "--xmp",
    is_flag=True,
    help="Write stars, label and flag into sidecars; Lightroom reads those of RAW photos.",
)
@click.option(
    "--sort-into",
    type=OutputFolder(),
    help="Sort the photos into sub-folders of DIR.",
)
@click.option("--by", type=click.Choice(SORT_KEYS), help="The property that names the sub-folder.")
@click.option("--copy", "how", flag_value="copy", help="Sort copies; this is the default.")
@click.option("--link", "how", flag_value="link", help="Sort hard links, which take no space.")
@click.option("--move", "how", flag_value="move", help="Move the photos themselves.")
@click.option(
    "--report",
    type=OutputFile(),
    callback=require_suffix(".html", ".htm"),
    help="Write a page with every photo and its reasons.",
)
@click.option("--open", "open_report", is_flag=True, help="Open the report in the browser.")
@workers_option
@time_limit_option
@store_option
@click.option(
    "--dry-run", is_flag=True,
    help="Measure, and print what would be written, but write only the store of measurements.",
)  # fmt: skip
def cull(how: SortMode | None, **options: Any) -> int:
    """Judge every photo in the given files and folders: keep, reject or cannot tell, and why.

    Without --xmp, --sort-into, --report or --json only a table is printed. Measurements are stored, so that
    unchanged photos are not read again, and Ctrl-C loses nothing.
    """
    _check_options(how, options)
    return _run(CullOptions(how=how or "copy", **options))


def _run(options: CullOptions) -> int:
    """Execute the command and return its exit code; raises AutocullError where nothing could be done."""
    from autocull.paths import default_store
    from autocull.pipeline import open_cull_run

    gc.set_threshold(100_000)  # collecting cycles among millions of small objects takes a third of the time
    with open_cull_run(
        options.paths,
        options.store or default_store(),
        workers=options.workers,
        time_limit=options.time_limit,
        on_warning=print_warning,
    ) as cull_run:
        from autocull.cli.cull.execute import execute  # its imports take as long as the start of the workers

        return execute(options, cull_run)


def _check_options(how: SortMode | None, options: dict[str, Any]) -> None:
    """Raise UsageError for options that have no effect without another one."""
    if options["sort_into"] is not None and options["by"] is None:
        raise click.UsageError(f"--sort-into also needs --by: {', '.join(SORT_KEYS)}.")
    if options["sort_into"] is None and (options["by"] or how):
        raise click.UsageError(f"--{'by' if options['by'] else how} also needs --sort-into DIR.")
    if options["open_report"] and options["report"] is None:
        raise click.UsageError("--open also needs --report FILE.html.")
