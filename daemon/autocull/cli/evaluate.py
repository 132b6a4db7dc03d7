"""`autocull evaluate`: metrics of a detector on a labelled manifest, or of the judge on a fixture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from autocull.cli.cull import parse_key_values
from autocull.cli.evaluate_verdicts import VerdictOptions, evaluate_verdicts, print_verdicts, verdict_options
from autocull.cli.evaluation_tables import print_evaluation, print_replay, print_series
from autocull.cli.options import OutputFile, OutputFolder

if TYPE_CHECKING:
    from autocull.errors import ManifestError
    from autocull.fixtures import ReplayReport
    from autocull.judge import Settings
    from autocull.train import Evaluation, EvaluationReport, Row, SeriesReport, VerdictSample

SUBJECTS = ("eyes", "blink", "blur", "defects", "category", "series", "verdicts")
_MANIFEST = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _EvaluationOptions:
    """Options of an evaluation by manifest: the subject, which rows, and which extra outputs."""

    subject: str
    manifest: Path
    split: str | None
    sources: tuple[str, ...]
    not_in: Path | None
    good: Path | None
    with_corruptions: bool
    by: str | None
    failures: Path | None

    def check(self) -> None:
        """Raise UsageError where the options do not apply to the subject."""
        if self.good and self.subject != "defects":
            raise click.UsageError("--good applies to defects only.")
        if self.subject == "series" and (self.by or self.failures):
            raise click.UsageError(
                "--by and --failures do not apply to series, which are evaluated by pairs."
            )
        if self.with_corruptions and (self.subject != "defects" or self.good or self.failures):
            raise click.UsageError("--made applies to defects only, without --good and --failures.")


class _Report(Protocol):
    """A report that can be written as JSON."""

    def to_json(self) -> dict[str, Any]: ...


_ReportT = TypeVar("_ReportT", bound=_Report)


@click.command()
@click.argument("member", type=click.Choice(SUBJECTS), required=False)
@click.option(
    "--manifest",
    "manifests",
    type=_MANIFEST,
    multiple=True,
    help="CSV with path and label; paths are relative to its folder (repeatable for verdicts).",
)
@click.option(
    "--fixture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of `autocull export-fixture`, in place of MEMBER and --manifest.",
)
@click.option("--split", type=click.Choice(["train", "dev"]), help="Only the rows of this split.")
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Only the rows of this source (repeatable)."
)
@click.option(
    "--not-in",
    type=_MANIFEST,
    help="Leave out rows whose subject or origin is in this manifest's train rows.",
)
@click.option(
    "--good",
    type=_MANIFEST,
    help="For defects: take the good photos from this manifest's dev rows only.",
)
@click.option(
    "--made",
    "with_corruptions",
    is_flag=True,
    help="For defects: the rows are good photos; each is evaluated with corruptions too.",
)
@click.option(
    "--by",
    metavar="COLUMN",
    help="Also compare groups: by a column of the manifest, or for blink by lightness or face_size.",
)
@click.option(
    "--failures",
    type=OutputFolder(),
    help="Draw the worst failures into this new folder, with a list of all.",
)
@click.option(
    "--json",
    "json_to",
    type=OutputFile(allow_dash=True, path_type=str),
    metavar="FILE|-",
    help="Write the metrics as JSON; - is the standard output.",
)
@click.option("--profile", metavar="NAME", help="Kind of shoot whose settings apply.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    callback=parse_key_values,
    help="Change one setting.",
)
@verdict_options
def evaluate(
    member: str | None,
    manifests: tuple[Path, ...],
    fixture: Path | None,
    json_to: str | None,
    profile: str | None,
    changes: dict[str, str],
    **rest: Any,
) -> None:
    """Compare MEMBER's predictions with a manifest's labels, or verdicts with a photographer's decisions.

    eyes: eye crops (open, closed). blink: photos (open, closed, mixed). blur: photos (sharp, blurred, motion,
    defocus). defects: photos by their defects, several joined by ;, or good. category: photos by category.
    series: photos by the column group, with perceptual hashes as baselines. verdicts: photos by kind of fault
    and of good photo, judged as in culling.
    With --fixture no photo is needed.
    """
    from autocull.judge import load_settings

    settings = load_settings(profile, None, changes)
    if fixture is not None:
        if member or manifests or any(rest.values()):
            raise click.UsageError("--fixture takes no other options than --json, --profile and --set.")
        _write(_evaluate_fixture(fixture, settings), print_replay, json_to)
        return
    if member is None or not manifests:
        raise click.UsageError("Give MEMBER and --manifest FILE, or --fixture FILE.")
    verdict_values = VerdictOptions(**{name: rest.pop(name) for name in VerdictOptions.__slots__})
    if member == "verdicts":
        photos = read_samples(manifests, split=rest.pop("split"), sources=rest.pop("sources"))
        _check_others(rest)
        _write(evaluate_verdicts(photos, settings, verdict_values), print_verdicts, json_to)
        return
    _evaluate_member(member, manifests, settings, verdict_values, json_to, rest)


def _evaluate_member(
    member: str,
    manifests: tuple[Path, ...],
    settings: Settings,
    verdict_values: VerdictOptions,
    json_to: str | None,
    rest: dict[str, Any],
) -> None:
    """Evaluate a detector or the grouping on one manifest."""
    if len(manifests) > 1 or not verdict_values.unused():
        raise click.UsageError(
            "Several manifests, --sizes, --curve, --harm, --sample, --store and --workers "
            "apply to verdicts only."
        )
    options = _EvaluationOptions(subject=member, manifest=manifests[0], **rest)
    options.check()
    if member == "series":
        _write(_evaluate_series(options, settings), print_series, json_to)
    else:
        _write(_evaluate_detector(options, settings), print_evaluation, json_to)


def _check_others(others: dict[str, Any]) -> None:
    """Raise UsageError for options that do not apply to verdicts."""
    if any(others.values()):
        raise click.UsageError("--not-in, --good, --made, --by and --failures do not apply to verdicts.")


def read_samples(
    manifests: tuple[Path, ...], *, split: str | None, sources: tuple[str, ...]
) -> list[VerdictSample]:
    """Read the labelled photos of manifests that have this split (None: any) and one of the sources, if any.

    Raises ManifestError where there is none.
    """
    from autocull.train import read_verdict_samples

    photos = [
        photo
        for photo in read_verdict_samples(manifests)
        if split in (None, photo.split) and (not sources or photo.source in sources)
    ]
    if not photos:
        raise _empty_selection(", ".join(map(str, manifests)), split, sources)
    return photos


def _write(report: _ReportT, print_report: Callable[[_ReportT], None], json_to: str | None) -> None:
    """Write a report as JSON to a file or to standard output, and print it unless JSON is printed."""
    text = json.dumps(report.to_json(), indent=1)
    if json_to == "-":
        click.echo(text)
        return
    if json_to is not None:
        Path(json_to).write_text(text + "\n", "utf-8")
    print_report(report)


def _evaluate_fixture(file: Path, settings: Settings) -> ReplayReport:
    from autocull.fixtures import read_fixture, replay_fixture
    from autocull.measure import models_root, versions

    fixture, installed = read_fixture(file), versions(models_root())
    mismatched = [name for name, version in installed.items() if fixture.models.get(name) != version]
    if mismatched:
        click.echo(
            f"Measured by other networks than those installed ({', '.join(mismatched)}): the metrics "
            "apply to settings and rules only. To evaluate these networks too, cull the folder again and "
            "export it again.",
            err=True,
        )
    return replay_fixture(fixture, settings)


def _evaluate_detector(options: _EvaluationOptions, settings: Settings) -> EvaluationReport:
    from autocull.train import check_folder, check_groups, save_failures

    rows = _read_rows(options)
    if options.by is not None:
        check_groups(options.subject, rows, options.by)
    if options.failures is not None:
        check_folder(options.failures)
    with _show_progress(options, settings, len(rows)) as evaluation:
        run = evaluation.predict(options.subject, rows)
    if options.failures is not None:
        failure_count = save_failures(run.predictions, options.failures)
        click.echo(f"{failure_count} failures are listed in {options.failures}.", err=True)
    return evaluation.summarise(options.subject, run, options.by)


def _evaluate_series(options: _EvaluationOptions, settings: Settings) -> SeriesReport:
    from autocull.train import evaluate_series

    rows = _read_rows(options)
    with _show_progress(options, settings, len(rows)) as evaluation:
        return evaluate_series(evaluation, rows)


@contextmanager
def _show_progress(options: _EvaluationOptions, settings: Settings, total: int) -> Iterator[Evaluation]:
    """Provide an evaluation whose progress over `total` rows is shown on standard error."""
    from rich.console import Console
    from rich.progress import Progress

    from autocull.measure import models_root
    from autocull.train import Evaluation

    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task(f"Evaluating {options.subject}", total=total)
        yield Evaluation(
            models_root(), settings, lambda: progress.advance(bar), with_corruptions=options.with_corruptions
        )


def _read_rows(options: _EvaluationOptions) -> list[Row]:
    """Read the manifest's rows that the options select."""
    from autocull.train import LABELS, exclude_overlap, read_manifest, with_negatives

    rows = [
        row
        for row in read_manifest(
            options.manifest, labels=None if options.with_corruptions else LABELS.get(options.subject)
        )
        if options.split in (None, row.split) and (not options.sources or row.source in options.sources)
    ]
    if not rows:
        raise _empty_selection(str(options.manifest), options.split, options.sources)
    if options.not_in is not None:
        rows = exclude_overlap(rows, read_manifest(options.not_in))
    return rows if options.good is None else with_negatives(rows, read_manifest(options.good))


def _empty_selection(name: str, split: str | None, sources: tuple[str, ...]) -> ManifestError:
    """Return the error of manifests of which the options select no row."""
    from autocull.errors import ManifestError

    criteria = [f"the split {split!r}"] if split else []
    criteria += [f"the source {' or '.join(map(repr, sources))}"] if sources else []
    return ManifestError(f"{name}: no row has {' and '.join(criteria)}.")
