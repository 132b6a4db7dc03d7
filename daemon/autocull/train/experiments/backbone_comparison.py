"""Published networks and ours, trained on the same photos under one budget, and measured alike.

Importing this imports Keras. Results are kept one by one, so that a comparison that was stopped goes on.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from autocull.atomic_write import whole_file
from autocull.errors import ManifestError
from autocull.measure.models import Network
from autocull.stats import calibration
from autocull.train.backbones import BACKBONES, SMALLEST, Backbone
from autocull.train.data.manifest import Row, carve, read_manifest
from autocull.train.experiments.input_ablation import KeptPart, SeenPart, Sight
from autocull.train.fitting import export
from autocull.train.fitting.fit import Told, fit, logits
from autocull.train.fitting.model_scaling import resized
from autocull.train.fitting.trainer import part_figures
from autocull.train.recipes.base import Example, Recipe

PICTURES = ("picture", "view")
"""What recipes call the input that holds the whole picture."""

_CALLS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is the same for every network: the data folder, rounds over it, picture size in px, seed."""

    data: Path
    epochs: int
    size: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Contender:
    """One network of the comparison: its name, what it sees, its width and its paper, and who builds it.

    `build` takes the shape of the picture and gives the untrained model, which answers in logits.
    """

    name: str
    sight: Sight
    width: float
    paper: str
    build: Callable[[tuple[int, ...]], Any]


@dataclass(frozen=True, slots=True)
class _Photos:
    """The parts of the data, and which of them judges: dev, or validation where there is no dev."""

    training: KeptPart
    validation: KeptPart
    judging: KeptPart
    judge: str


def contenders(recipe: Recipe) -> list[Contender]:
    """List ours with everything that it uses and with the picture alone, then the published networks."""
    own = "this project"
    return [
        Contender("ours", Sight.EVERYTHING, 1.0, own, _ours(recipe)),
        Contender("ours, picture alone", Sight.PICTURE_OF_ALL, 1.0, own, _ours(recipe)),
        *(Contender(b.name, Sight.PICTURE, b.width, b.paper, _builder(recipe, b)) for b in BACKBONES),
    ]


def compare(
    recipe: Recipe,
    budget: Budget,
    folder: Path,
    *,
    among: Iterable[Contender] | None = None,
    reading: Callable[[int], None] = lambda _: None,
    step: Callable[[], None] = lambda: None,
    told: Callable[[str], Told] = lambda _: lambda *_: None,
) -> list[dict[str, Any]]:
    """Train and measure every contender that `folder` holds no result of; returns all results in order.

    `reading` and `step` hear of pictures that are read, `told` is asked for a listener per network. Raises
    ManifestError where the data are not usable, the size does not suit, or a result in `folder` belongs to
    another comparison.
    """
    facts = _facts(recipe, budget)
    _check_size(recipe, budget.size)
    chosen = list(contenders(recipe) if among is None else among)
    found = {each.name: _known(_file(folder, each.name), facts) for each in chosen}
    if any(result is None for result in found.values()):
        photos = _photos(recipe, budget, reading, step)
        for each in (one for one in chosen if found[one.name] is None):
            checkpoints = folder / f"{_slug(each.name)}-checkpoints"
            result = _one(recipe, budget, each, photos, checkpoints, told(each.name))
            _keep(_file(folder, each.name), facts, result)
            shutil.rmtree(checkpoints, ignore_errors=True)
            found[each.name] = result
    return [result for result in found.values() if result is not None]


def picture_place(recipe: Recipe) -> tuple[int, tuple[int, ...]]:
    """Find the whole picture among the recipe's inputs: its place and its shape."""
    for place, tensor in enumerate(recipe.network().inputs):
        if tensor.name in PICTURES:
            return place, tuple(tensor.shape[1:])
    raise ValueError(f"{recipe.name} has no input called {' or '.join(PICTURES)}")


def _builder(recipe: Recipe, backbone: Backbone) -> Callable[[tuple[int, ...]], Any]:
    def build(shape: tuple[int, ...]) -> Any:
        picture = keras.Input(shape, name="picture")
        return keras.Model(picture, keras.layers.Dense(len(recipe.classes))(backbone.features(picture)))

    return build


def _ours(recipe: Recipe) -> Callable[[tuple[int, ...]], Any]:
    def build(shape: tuple[int, ...]) -> Any:
        model = recipe.network()
        name = model.inputs[picture_place(recipe)[0]].name
        return resized(model, shapes={name: shape})

    return build


def _facts(recipe: Recipe, budget: Budget) -> dict[str, Any]:
    manifest = budget.data / "manifest.csv"
    if not manifest.is_file():
        raise ManifestError(f"{manifest} is not there; give the folder that holds it.")
    return {
        "member": recipe.name,
        "version": recipe.version,
        "manifest": hashlib.sha256(manifest.read_bytes()).hexdigest(),
        "epochs": budget.epochs,
        "size": budget.size,
        "seed": budget.seed,
    }


def _check_size(recipe: Recipe, size: int) -> None:
    largest = picture_place(recipe)[1][0]
    smallest = min(SMALLEST, largest)
    if not smallest <= size <= largest:
        raise ManifestError(
            f"A picture of {size} px does not suit: {recipe.name} prepares {largest} px, the networks need "
            f"{smallest} px; give a size between them."
        )


def _file(folder: Path, name: str) -> Path:
    return folder / f"{_slug(name)}.json"


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()).replace("--", "-")


def _known(file: Path, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read a result that is kept; None where there is none."""
    if not file.is_file():
        return None
    kept: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if kept["facts"] != facts:
        raise ManifestError(
            f"{file} belongs to another comparison ({kept['facts']}, not {facts}); "
            "give the same data and options, or another --out."
        )
    result: dict[str, Any] = kept["result"]
    return result


def _keep(file: Path, facts: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(file) as stream:
        stream.write(json.dumps({"facts": facts, "result": result}, indent=1).encode())


def _photos(
    recipe: Recipe, budget: Budget, reading: Callable[[int], None], step: Callable[[], None]
) -> _Photos:
    """Read all photos once, for all networks."""
    manifest = budget.data / "manifest.csv"
    split = carve(read_manifest(manifest, labels=recipe.labels), seed=budget.seed)
    for name, rows in (("train", split.train), ("validation", split.validation)):
        if not rows:
            raise ManifestError(f"{manifest}: no rows are left for the {name} part; give more groups.")
    reading(sum(map(len, (split.train, split.validation, split.dev))))
    place, _ = picture_place(recipe)

    def part(rows: tuple[Row, ...]) -> KeptPart:
        return KeptPart(recipe.part(rows, step), place, budget.size)

    training, validation = part(split.train), part(split.validation)
    if not split.dev:
        return _Photos(training, validation, validation, "validation")
    return _Photos(training, validation, part(split.dev), "dev")


def _one(
    recipe: Recipe, budget: Budget, contender: Contender, photos: _Photos, checkpoints: Path, told: Told
) -> dict[str, Any]:
    """Train one network, judge it, convert it and time it."""
    begun = time.monotonic()
    training, validation, judging = (
        SeenPart(part, contender.sight) for part in (photos.training, photos.validation, photos.judging)
    )
    shape = (budget.size, budget.size, *picture_place(recipe)[1][2:])
    model, history = fit(
        recipe,
        training,
        validation,
        plan=replace(recipe.plan, epochs=budget.epochs),
        seed=budget.seed,
        checkpoints=checkpoints,
        resume=True,
        told=told,
        network=lambda: contender.build(shape),
    )
    said = calibration.probabilities(logits(model, judging), recipe.answer)
    weights = export.to_litert(export.served(model, recipe, 1.0))
    return {
        "name": contender.name,
        "width": contender.width,
        "paper": contender.paper,
        "parameters": int(model.count_params()),
        "bytes": len(weights),
        "milliseconds": fastest(weights, judging.plain(0)),
        "judge": photos.judge,
        "figures": part_figures(recipe, judging, said),
        "history": history,
        "minutes": (time.monotonic() - begun) / 60,
    }


def fastest(weights: bytes, example: Example, calls: int = _CALLS) -> float:
    """Time a LiteRT network on one example and one thread: the shortest of `calls` calls, in milliseconds."""
    network = Network(weights)
    inputs = [array[None] for array in example.inputs]
    network(*inputs)
    return min(_timed(network, inputs, calls)) * 1e3


def _timed(network: Network, inputs: list[Any], calls: int) -> Iterator[float]:
    for _ in range(calls):
        begun = time.perf_counter()
        network(*inputs)
        yield time.perf_counter() - begun
