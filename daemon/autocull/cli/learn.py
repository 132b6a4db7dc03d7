"""`autocull learn`: the photographer's own taste, from what she selected before."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocull.cli.cull.command import ending, key_values
from autocull.cli.formatting import photos, printable
from autocull.cli.options import store_option, tastes_option, time_limit_option, workers_option

if TYPE_CHECKING:
    from autocull.judge import Settings
    from autocull.learn.decisions import Gathered
    from autocull.learn.training import Lecture
    from autocull.taste.profile_store import Tastes

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(
    epilog="Exit codes: 0 learned; 1 nothing was learned, since there are too few decisions; 2 wrong command "
    "or file; 3 a model, the store or TensorFlow is not usable; 130 stopped by Ctrl-C."
)
@click.option(
    "--catalog", type=_FILE, metavar="FILE.lrcat", help="A Lightroom catalog; a copy of it is read."
)
@click.option(
    "--xmp", type=_FOLDER, multiple=True, metavar="FOLDER", help="Photos with XMP sidecars (repeatable)."
)
@click.option("--selects", type=_FOLDER, metavar="DIR", help="A folder of what you selected.")
@click.option("--rejects", type=_FOLDER, metavar="DIR", help="A folder of what you did not; with --selects.")
@click.option("--decisions", type=_FILE, metavar="FILE.jsonl", help="Decisions, one JSON object per line.")
@click.option("--name", default="mine", show_default=True, help="What the taste is called.")
@click.option(
    "--report", type=_FILE, callback=ending(".html", ".htm"), metavar="FILE.html",
    help="Where the page about it goes; by default beside what was learned.",
)  # fmt: skip
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", callback=key_values, help="Change one setting."
)
@click.option(
    "--json", "as_json", is_flag=True,
    help="One JSON object on the standard output; progress goes to the standard error.",
)  # fmt: skip
@workers_option
@time_limit_option
@store_option
@tastes_option
def learn(name: str, changes: dict[str, str], as_json: bool, tastes: Path | None, **chosen: Any) -> int:
    """Learn how likely you would select a photo, from what you selected and rejected before.

    It needs 200 decisions with 20 selects and 20 rejects, from three shoots or more. What was learned is one
    small file without pixels and paths. It acts only where it beats the plain ensemble on shoots that it had
    not seen; until then it shows a probability and decides nothing.
    """
    from autocull.errors import LearningError
    from autocull.judge import load_settings
    from autocull.learn.json_result import nothing_learned
    from autocull.learn.training import Lecture
    from autocull.paths import default_tastes
    from autocull.taste.profile_store import Tastes, checked_name

    settings = load_settings(None, None, changes)
    name, kept = checked_name(name), Tastes(tastes or default_tastes())
    gathered = _gathered(chosen, settings)
    try:
        record = _learn(gathered, Lecture(name, settings), kept, chosen)
    except LearningError as error:
        record = nothing_learned(name, error, gathered)
        if as_json:
            click.echo(error.message, err=True)
    click.echo(json.dumps(record, ensure_ascii=False) if as_json else _told(record))
    return 0 if record["state"] == "learned" else 1


def _gathered(chosen: dict[str, Any], settings: Settings) -> Gathered:
    """Read the decisions from the one source that was named."""
    from autocull.cli.cull.execute import warn
    from autocull.learn.decisions import read_decisions
    from autocull.learn.sources.files import read_folders, read_sidecars
    from autocull.learn.sources.lightroom_catalog import read_catalog

    selects, rejects = chosen["selects"], chosen["rejects"]
    named = [chosen["catalog"], chosen["xmp"], selects or rejects, chosen["decisions"]]
    if sum(bool(each) for each in named) != 1 or bool(selects) != bool(rejects):
        raise click.UsageError(
            "Say where your decisions are, once: --catalog FILE.lrcat, --xmp FOLDER, "
            "--selects DIR with --rejects DIR, or --decisions FILE.jsonl."
        )
    if chosen["catalog"]:
        return read_catalog(chosen["catalog"], warn)
    if chosen["xmp"]:
        return read_sidecars(chosen["xmp"], settings.marks)
    if selects:
        return read_folders(selects, rejects)
    return read_decisions(chosen["decisions"])


def _learn(gathered: Gathered, lecture: Lecture, kept: Tastes, chosen: dict[str, Any]) -> dict[str, Any]:
    """Measure what was decided, learn from it, keep the profile, and say what came of it."""
    from rich.console import Console

    from autocull.cli.cull.execute import culling_of, warn
    from autocull.cli.progress import showing
    from autocull.learn.decisions import check_enough
    from autocull.learn.fit_process import fit_apart
    from autocull.learn.json_result import record_of
    from autocull.learn.mirroring import mirror_at
    from autocull.learn.report import write_page
    from autocull.learn.training import attend
    from autocull.measure.models import models_root
    from autocull.paths import default_store
    from autocull.pipeline.evidence_store import Store
    from autocull.read import find_frames

    aside = Console(stderr=True, highlight=False)
    check_enough([each.selected for each in gathered.decisions])
    there = find_frames(each.path for each in gathered.decisions)
    with (
        closing(Store(chosen["store"] or default_store(), warn)) as store,
        closing(culling_of(there, store, chosen["workers"], chosen["time_limit"])) as culling,
        showing(aside, len(there.frames) + len(there.unreadable)) as step,
    ):
        culling.get_ready()
        found = attend(gathered, lecture, culling, step, fit_apart, mirror_at(models_root()))
        kept.keep(found.lesson.profile)
        page = chosen["report"] or kept.report(lecture.name)
        frames = [each.result.frame for each in found.seen]
        write_page(
            found.lesson,
            [frame.path for frame in frames],
            lambda row: culling.thumbnail(frames[row]),
            lecture.settings,
            page,
        )
    return record_of(found.lesson, lecture, gathered, page)


def _told(record: dict[str, Any]) -> str:
    lines = [record["message"]]
    lines += [f"Left out: {photos(count)}, {why}." for why, count in record["left_out"].items()]
    if record["state"] == "learned":
        lines.append(f"In pictures: {printable(record['report'])}")
        lines.append(f"Use it: autocull cull --taste {printable(record['profile'])} FOLDER")
    return "\n".join(lines)
