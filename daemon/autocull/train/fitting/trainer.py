"""One training from a folder of examples to a member's folder; importing this imports Keras."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from autocull.errors import ManifestError, ModelError
from autocull.stats import calibration
from autocull.stats.metrics import Figures, class_figures, label_figures
from autocull.train.data.manifest import Parts, Row, carve, read_manifest
from autocull.train.fitting import export
from autocull.train.fitting.fit import Epoch, Told, fit, logits, targets
from autocull.train.recipes.base import Part, Plan, Recipe
from autocull.train.reports.plots import draw_plots
from autocull.train.reports.tables import card_page, report_page

_SAMPLES = 32
_CHECKPOINTS = "checkpoints"

Page = Callable[[Mapping[str, Any]], str]
"""Writes a report as markdown."""

Card = Callable[[Mapping[str, Any], str], str]
"""Writes a member's card, given the report and the card that was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be trained: data folder with `manifest.csv`, target folder, and how.

    `also` are further folders of the same kind, whose rows are joined to the first one's; `epochs` None takes
    the recipe's number; `start` is the folder of a trained network of the same build, from whose weights the
    training goes on; rows of the sources `without` are not trained on but form a part of their own ("other
    sources"), which tells how the network fares on pictures from elsewhere; `command` is what the user typed,
    for the report.
    """

    data: Path
    out: Path
    epochs: int | None = None
    seed: int = 0
    resume: bool = False
    start: Path | None = None
    also: tuple[Path, ...] = ()
    without: tuple[str, ...] = ()
    command: str = ""


class Learned(NamedTuple):
    """What came of a training: the network, one record per epoch, how it was trained, and on what."""

    model: Any
    history: list[Epoch]
    plan: Plan
    parts: Mapping[str, Part]


def train(
    recipe: Recipe,
    order: Order,
    *,
    reading: Callable[[int], None] = lambda _: None,
    step: Callable[[], None] = lambda: None,
    told: Told = lambda *_: None,
) -> dict[str, Any]:
    """Train a member and write its folder; returns the report.

    `reading` hears how many pictures will be read, `step` each one that was, `told` each step of the
    training. Raises ManifestError where manifest or pictures are not usable, ModelError where `start` is not.
    """
    begun = time.monotonic()
    learned = learn(recipe, order, reading=reading, step=step, told=told)
    report = about(recipe, order, learned) | _figures(recipe, learned.model, learned.parts)
    report["difference"] = export.write_model(
        order.out,
        learned.model,
        export.served(learned.model, recipe, report["temperature"]),
        _config(recipe, report),
        samples_of(learned.parts["validation"]),
    )
    report["minutes"] = (time.monotonic() - begun) / 60
    draw_plots(write_report(order.out, report, report_page, card_page), report)
    finish(order.out)
    return report


def learn(
    recipe: Recipe,
    order: Order,
    *,
    reading: Callable[[int], None],
    step: Callable[[], None],
    told: Told,
) -> Learned:
    """Read the examples and train the recipe's network on them; see `train`."""
    rows = _parts(recipe, order)
    network = _going_on(recipe, order.start) if order.start else None
    reading(sum(len(part) for part in rows.values()))
    parts = {name: recipe.part(part, step) for name, part in rows.items()}
    plan = replace(recipe.plan, epochs=order.epochs) if order.epochs else recipe.plan
    model, history = fit(
        recipe,
        parts["train"],
        parts["validation"],
        plan=plan,
        seed=order.seed,
        checkpoints=order.out / _CHECKPOINTS,
        resume=order.resume,
        told=told,
        network=network,
    )
    return Learned(model, history, plan, parts)


def _going_on(recipe: Recipe, start: Path) -> Callable[[], Any]:
    """Build the recipe's network with the weights of the one in the folder `start`.

    Raises ModelError where that folder has no network, or one of another build.
    """
    model, file = recipe.network(), start / "model.keras"
    try:
        model.set_weights(keras.models.load_model(file, compile=False).get_weights())
    except (OSError, ValueError) as error:
        said = (
            f"{file}: no training can go on from there ({error}); give the folder of a network of this build."
        )
        raise ModelError(file, said) from error
    return lambda: model


def about(recipe: Recipe, order: Order, learned: Learned) -> dict[str, Any]:
    """Say what was trained and how: the part of the report that holds no figures."""
    return {
        "member": recipe.name,
        "version": recipe.version,
        "architecture": recipe.architecture,
        "parameters": int(learned.model.count_params()),
        "command": order.command,
        "seed": order.seed,
        "plan": asdict(learned.plan),
        "history": learned.history,
    }


def finish(out: Path) -> None:
    """Seal a model folder and throw away what a stopped training would go on from."""
    export.seal(out)
    shutil.rmtree(out / _CHECKPOINTS, ignore_errors=True)


def _figures(recipe: Recipe, model: Any, examples: Mapping[str, Part]) -> dict[str, Any]:
    """Say how good it is on every part, at the temperature that suits the validation."""
    answers = {name: logits(model, part) for name, part in examples.items()}
    temperature = calibration.fit_temperature(
        answers["validation"], targets(examples["validation"]), recipe.answer
    )
    return {
        "temperature": temperature,
        "parts": {
            name: part_figures(
                recipe, part, calibration.probabilities(answers[name], recipe.answer, temperature)
            )
            for name, part in examples.items()
        },
    }


def _parts(recipe: Recipe, order: Order) -> dict[str, Sequence[Row]]:
    """Read the manifests and split their rows; every part that comes out holds some."""
    manifest = order.data / "manifest.csv"
    files = [folder / "manifest.csv" for folder in (order.data, *order.also)]
    rows = [row for file in files for row in read_manifest(file, labels=recipe.labels)]
    unknown = set(order.without) - {row.source for row in rows}
    if unknown:
        raise ManifestError(f"{manifest}: no row has the source {sorted(unknown)[0]!r}.")
    split = carve((row for row in rows if row.source not in order.without), seed=order.seed)
    parts = _named(split) | {"other sources": [row for row in rows if row.source in order.without]}
    for name in ("train", "validation"):
        if not parts[name]:
            raise ManifestError(f"{manifest}: no rows are left for the {name} part; give more groups.")
    return {name: part for name, part in parts.items() if part}


def _named(split: Parts) -> dict[str, Sequence[Row]]:
    return {"train": split.train, "validation": split.validation, "dev": split.dev}


def part_figures(recipe: Recipe, part: Part, said: Any) -> Figures:
    """Judge the probabilities said of a part: figures, calibration and accuracy per source."""
    true = targets(part)
    if recipe.answer == "one_of":
        names = [recipe.classes[int(i)] for i in true.argmax(axis=1)]
        figures = class_figures(names, said, recipe.classes)
        right = said.argmax(axis=1) == true.argmax(axis=1)
    else:
        limits = [0.5] * len(recipe.classes)
        figures = label_figures(true >= 0.5, said, recipe.classes, limits)
        right = ((true >= 0.5) == (said >= 0.5)).mean(axis=1)
    bins = calibration.reliability(*calibration.confidences(said, true, recipe.answer))
    sources = np.array(part.sources)
    per_source = {
        str(source): (float(right[sources == source].mean()), int((sources == source).sum()))
        for source in np.unique(sources)
    }
    return figures | {
        "reliability": bins,
        "calibration_error": calibration.calibration_error(bins),
        "per_source": per_source,
    }


def _config(recipe: Recipe, report: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "version": recipe.version,
        "architecture": recipe.architecture,
        "classes": list(recipe.classes),
        "answer": recipe.answer,
        "preprocessing": recipe.preprocessing(),
        "temperature": report["temperature"],
        "seed": report["seed"],
        "examples": {name: figures["n"] for name, figures in report["parts"].items()},
    }


def samples_of(part: Part) -> list[Any]:
    """Pick examples evenly over a part, on which the converted network is compared."""
    picked = np.linspace(0, len(part) - 1, min(_SAMPLES, len(part))).astype(int)
    return [part.plain(int(index)) for index in picked]


def write_report(out: Path, report: dict[str, Any], page: Page, card: Card) -> Path:
    """Write report and card; what a person wrote into the card stays. Returns the report's folder."""
    folder = out / "report"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    (folder / "report.md").write_text(page(report), "utf-8")
    file = out / "card.md"
    earlier = file.read_text("utf-8") if file.is_file() else ""
    file.write_text(card(report, earlier), "utf-8")
    return folder
