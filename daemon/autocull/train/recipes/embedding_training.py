"""The training of the likeness member: learned in pairs without labels, served and judged photo by photo."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from autocull.arrays import Floats
from autocull.train.evaluation.retrieval import knowing_figures
from autocull.train.fitting import export
from autocull.train.fitting.fit import Told
from autocull.train.fitting.trainer import Order, about, finish, learn, samples_of, write_report
from autocull.train.recipes.base import Example
from autocull.train.recipes.embedding import LikenessPart, LikenessRecipe
from autocull.train.reports.plots import draw_learning
from autocull.train.reports.tables import by_hand, facts, number, table

_COLUMNS = ("n", "auc", "first", "strangers", "known", "patches")
_MEANING = (
    "Two views of every photo, made from a seed. `auc`: the cosine of pairs of one photo against pairs of "
    "two. `first`: how often the nearest of all views is the photo's own. `strangers`: the cosine that one "
    "in a thousand pairs of two photos exceeds; `known`: how many pairs of one photo exceed it. `patches`: "
    "how many are found within 1.5 cells of their place.\n"
)


def train(
    recipe: LikenessRecipe,
    order: Order,
    *,
    reading: Callable[[int], None] = lambda _: None,
    step: Callable[[], None] = lambda: None,
    told: Told = lambda *_: None,
) -> dict[str, Any]:
    """Train the member and write its folder; returns the report. As `fitting.trainer.train`."""
    begun = time.monotonic()
    learned = learn(recipe, order, reading=reading, step=step, told=told)
    encoder = learned.model.get_layer("encoder")

    def answer(pictures: Floats) -> Floats:
        answers: Floats = encoder.predict(pictures, batch_size=64, verbose=0)
        return answers

    parts = {
        name: knowing_figures(answer, part)
        for name, part in learned.parts.items()
        if isinstance(part, LikenessPart)
    }
    report = about(recipe, order, learned) | {"parts": parts}
    report["parameters"] = int(encoder.count_params())
    seen = [Example((pair.inputs[0],), pair.target) for pair in samples_of(learned.parts["validation"])]
    report["difference"] = export.write_model(order.out, encoder, encoder, _config(recipe, report), seen)
    report["minutes"] = (time.monotonic() - begun) / 60
    folder = write_report(order.out, report, _page, _card)
    draw_learning(folder / "learning.png", report["history"])
    finish(order.out)
    return report


def figures_table(parts: Mapping[str, Mapping[str, float]]) -> str:
    """Format one line per part."""
    rows = [[name, *(number(figures[column]) for column in _COLUMNS)] for name, figures in parts.items()]
    return table(["", *_COLUMNS], rows)


def _config(recipe: LikenessRecipe, report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "version": recipe.version,
        "architecture": recipe.architecture,
        "classes": list(recipe.classes),
        "preprocessing": recipe.preprocessing(),
        "seed": report["seed"],
        "examples": {name: figures["n"] for name, figures in report["parts"].items()},
    }


def _page(report: Mapping[str, Any]) -> str:
    """Write the whole report."""
    title = f"# Training of `{report['member']}` {report['version']}\n"
    figures = figures_table(report["parts"])
    return "\n".join([title, facts(report), "## Figures\n", _MEANING, figures, "![learning](learning.png)\n"])


def _card(report: Mapping[str, Any], earlier: str) -> str:
    """Write the card; what a person wrote into the `earlier` one stays."""
    carved = "`validation` is carved from the training rows by whole groups; `dev` was never trained on.\n"
    return "\n".join(
        [
            f"# {report['member']} {report['version']}\n",
            facts(report),
            "## Figures\n",
            carved,
            _MEANING,
            figures_table(report["parts"]),
            "The whole report is in [report/report.md](report/report.md).\n",
            by_hand(earlier),
        ]
    )
