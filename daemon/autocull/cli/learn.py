"""`autocull learn`: trains a taste from past selects and rejects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocull.cli.cull import parse_key_values, require_suffix
from autocull.cli.formatting import format_photos, make_printable
from autocull.cli.options import (
    OutputFile,
    print_warning,
    store_option,
    tastes_option,
    time_limit_option,
    workers_option,
)

if TYPE_CHECKING:
    from autocull.judge import Settings
    from autocull.learn import DecisionSet, LearnRequest, LearnResult
    from autocull.pipeline import CullRun
    from autocull.taste import ProfileStore

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(
    epilog="Exit codes: 0 learned; 1 nothing was learned: too few decisions; 2 wrong command "
    "or file; 3 a model, or the store is not usable; 130 stopped by Ctrl-C."
)
@click.option(
    "--catalog", type=_FILE, metavar="FILE.lrcat", help="A Lightroom catalog; a copy of it is read."
)
@click.option(
    "--xmp", type=_FOLDER, multiple=True, metavar="FOLDER", help="Photos with XMP sidecars (repeatable)."
)
@click.option("--selects", type=_FOLDER, metavar="DIR", help="A folder of photos that you selected.")
@click.option(
    "--rejects", type=_FOLDER, metavar="DIR", help="A folder of photos that you rejected; with --selects."
)
@click.option("--decisions", type=_FILE, metavar="FILE.jsonl", help="Decisions, one JSON object per line.")
@click.option("--name", default="mine", show_default=True, help="Name of the taste.")
@click.option(
    "--report", type=OutputFile(), callback=require_suffix(".html", ".htm"), metavar="FILE.html",
    help="Path of the report; by default next to the taste.",
)  # fmt: skip
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    callback=parse_key_values,
    help="Change one setting.",
)
@click.option(
    "--json", "as_json", is_flag=True,
    help="Print one JSON object to standard output, and progress to standard error.",
)  # fmt: skip
@click.option(
    "--progress", "progress_format", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="Format of the progress on standard error; json is one object per line.",
)  # fmt: skip
@workers_option
@time_limit_option
@store_option
@tastes_option
def learn(name: str, changes: dict[str, str], as_json: bool, tastes: Path | None, **options: Any) -> int:
    """Learn how likely you are to select a photo, from your past selects and rejects.

    It needs 200 decisions with 20 selects and 20 rejects, from three shoots or more. The taste is one small
    file without pixels and paths. It acts only if it improves on Autocull without it on shoots held out from
    training; otherwise it shows a probability and decides nothing.
    """
    from autocull.errors import LearningError
    from autocull.judge import load_settings
    from autocull.learn import LearnRequest, nothing_learned_to_json
    from autocull.paths import default_tastes
    from autocull.taste import ProfileStore, validate_name

    settings = load_settings(None, None, changes)
    name, profiles = validate_name(name), ProfileStore(tastes or default_tastes())
    decision_set = _read_decisions(options, settings)
    try:
        record = _run_learning(decision_set, LearnRequest(name, settings), profiles, options)
    except LearningError as error:
        record = nothing_learned_to_json(name, error, decision_set)
        if as_json:
            click.echo(error.message, err=True)
    click.echo(json.dumps(record, ensure_ascii=False) if as_json else _format_record(record))
    return 0 if record["state"] == "learned" else 1


def _read_decisions(options: dict[str, Any], settings: Settings) -> DecisionSet:
    """Read the decisions from the source that the options name."""
    from autocull.learn import read_catalog, read_decisions, read_folders, read_sidecars

    selects, rejects = options["selects"], options["rejects"]
    sources = [options["catalog"], options["xmp"], selects or rejects, options["decisions"]]
    if sum(bool(each) for each in sources) != 1 or bool(selects) != bool(rejects):
        raise click.UsageError(
            "Give exactly one source of decisions: --catalog FILE.lrcat, --xmp FOLDER, "
            "--selects DIR with --rejects DIR, or --decisions FILE.jsonl."
        )
    if options["catalog"]:
        return read_catalog(options["catalog"], print_warning)
    if options["xmp"]:
        return read_sidecars(options["xmp"], settings.marks)
    if selects:
        return read_folders(selects, rejects)
    return read_decisions(options["decisions"])


def _run_learning(
    decision_set: DecisionSet, request: LearnRequest, profiles: ProfileStore, options: dict[str, Any]
) -> dict[str, Any]:
    """Measure the decided photos, train a taste, save it with its report, and return the result as JSON."""
    from rich.console import Console

    from autocull.cli.progress import show_progress
    from autocull.learn import check_enough, fit_heads, learn_taste, learned_to_json, make_mirror
    from autocull.measure import models_root
    from autocull.paths import default_store
    from autocull.pipeline import open_cull_run

    stderr = Console(stderr=True, highlight=False)
    check_enough([each.selected for each in decision_set.decisions])
    with (
        open_cull_run(
            (each.path for each in decision_set.decisions),
            options["store"] or default_store(),
            workers=options["workers"],
            time_limit=options["time_limit"],
            on_warning=print_warning,
        ) as cull_run,
        show_progress(stderr, cull_run.total, as_json=options["progress_format"] == "json") as on_progress,
    ):
        result = learn_taste(
            decision_set, request, cull_run, on_progress, fit_heads, make_mirror(models_root())
        )
        profiles.save(result.trained.profile)
        report = options["report"] or profiles.report_path(request.name)
        _write_report(result, cull_run, request.settings, report)
    return learned_to_json(result.trained, request, decision_set, report)


def _write_report(result: LearnResult, cull_run: CullRun, settings: Settings, path: Path) -> None:
    """Write the HTML report with thumbnails from the store."""
    from autocull.learn import write_page

    frames = [each.result.frame for each in result.photos]
    paths = [frame.path for frame in frames]
    write_page(result.trained, paths, lambda row: cull_run.thumbnail(frames[row]), settings, path)


def _format_record(record: dict[str, Any]) -> str:
    lines = [record["message"]]
    lines += [f"Left out: {format_photos(count)}, {reason}." for reason, count in record["left_out"].items()]
    if record["state"] == "learned":
        lines.append(f"Report: {make_printable(record['report'])}")
        lines.append(f"Use it: autocull cull --taste {make_printable(record['profile'])} FOLDER")
    return "\n".join(lines)
