"""`autocull export-fixture`: writes the photographer's corrections, for `autocull evaluate` to replay."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autocull.cli.cull import require_suffix
from autocull.cli.formatting import format_photos, make_printable
from autocull.cli.options import OutputFile, print_warning
from autocull.plurals import format_count

if TYPE_CHECKING:
    from autocull.fixtures import CorrectionCollector, Fixture, FixtureCounts

_MAX_NAMED = 20


@click.command("export-fixture")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="CULLED_FOLDER")
@click.option(
    "--out",
    type=OutputFile(),
    callback=require_suffix(".json"),
    metavar="FILE.json",
    help="The fixture; by default the folder's name with -fixture.json, in the working folder.",
)
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="AUTOCULL_STORE",
    help="The .sqlite file with the measurements of the culling.",
)
def export_fixture(folder: Path, out: Path | None, store: Path | None) -> int:
    """Write your corrections in a culled folder into a file of measurements, for evaluate to replay.

    Your decisions are read from the XMP sidecars. The file contains measurements, the verdicts with default
    settings and your decisions; no pixels, no file names, no serial numbers, no times. No photo is read.
    """
    from autocull.errors import ManifestError
    from autocull.fixtures import write_fixture

    if not folder.is_dir():
        raise click.BadParameter(f"There is no folder {make_printable(folder)}.", param_hint="CULLED_FOLDER")
    corrections = _collect_corrections(folder, store)
    _print_counts(corrections)
    if not corrections.unmet:
        click.echo("There are no corrections, so no fixture was written.")
        return 1
    fixture, file = (
        corrections.make_fixture(),
        out or Path(f"{folder.resolve().name or 'folder'}-fixture.json"),
    )
    try:
        write_fixture(fixture, file)
    except OSError as error:
        raise ManifestError(f"The fixture {file} cannot be written: {error.strerror}.") from error
    _print_summary(fixture, file)
    return 0


def _collect_corrections(folder: Path, store: Path | None) -> CorrectionCollector:
    """Compare the verdicts with default settings with the folder's sidecars."""
    from autocull.fixtures import collect_corrections
    from autocull.judge import Marks, Settings, Verdict, judge, marks_for
    from autocull.measure import Evidence, models_root, versions
    from autocull.paths import default_store
    from autocull.pipeline import EvidenceCache, EvidenceStore
    from autocull.read import Frame, find_frames

    settings = Settings()

    def judge_alone(_: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        verdict = judge(evidence, settings)
        return verdict, marks_for(verdict, settings)

    frames = find_frames([folder]).frames
    with closing(EvidenceStore(store or default_store(), print_warning)) as evidence_store:
        return collect_corrections(
            frames, EvidenceCache(evidence_store, versions(models_root())), judge_alone
        )


def _print_counts(corrections: CorrectionCollector) -> None:
    """Print the counts of the folder."""
    counts = corrections.counts
    click.echo(f"{format_photos(counts.photos)} in the folder.")
    for count, description in _count_lines(counts):
        if count:
            click.echo(f"  {count:,} {description}")
    for error in corrections.errors[:_MAX_NAMED]:
        click.echo(f"Left out: {make_printable(error.message)}", err=True)
    if len(corrections.errors) > _MAX_NAMED:
        click.echo(f"and {len(corrections.errors) - _MAX_NAMED:,} more.", err=True)


def _count_lines(counts: FixtureCounts) -> list[tuple[int, str]]:
    return [
        (counts.unmet, "decided by you against the verdict, or where it cannot tell"),
        (counts.met, "decided as the verdict says, or left as Autocull marked them"),
        (counts.outdated, "left as Autocull marked them, with a verdict that has changed since"),
        (
            counts.undecided,
            "without a mark that decides (no sidecar, or no flag, stars or label by Autocull)",
        ),
        (counts.not_measured, "not measured as they are now: run `autocull cull` on the folder first"),
        (counts.unreadable, "cannot be read"),
        (counts.refused, "with a sidecar that cannot be read"),
    ]


def _print_summary(fixture: Fixture, file: Path) -> None:
    """Print the contents of the file, and the command that replays it."""
    unmet = sum(case.decision != case.answer for case in fixture.photos)
    click.echo(
        f"Wrote {make_printable(file)}: {format_photos(len(fixture.photos))}, "
        f"{format_count(unmet, 'correction')} and "
        f"{format_count(len(fixture.photos) - unmet, 'decision')} without one. "
        "No pixels, names, times or serial numbers."
    )
    click.echo(f"Replay it: autocull evaluate --fixture {make_printable(file)}")
