"""`autocull compare-backbones`: published backbones and the project's network on the same photos."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from autocull.cli.training_options import (
    data_option,
    format_command,
    make_epoch_callbacks,
    make_progress,
    make_reading_callbacks,
    prepare_backend,
    seed_option,
    threads_option,
)


@click.command("compare-backbones")
@data_option
@click.option(
    "--member",
    type=click.Choice(("defects", "category")),
    default="category",
    show_default=True,
    help="Whose photos, classes and training plan.",
)
@click.option(
    "--epochs", type=click.IntRange(min=1), default=5, show_default=True, help="Epochs of each training."
)
@click.option(
    "--size", type=click.IntRange(min=1), default=64, show_default=True, help="Side of the picture, in px."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default="backbones.md",
    show_default=True,
    help="The page to write; each network's result is saved next to it.",
)
@seed_option
@threads_option
def compare_backbones(
    data: Path, member: str, epochs: int, size: int, out: Path, seed: int, threads: int
) -> None:
    """Train VGG16, ResNet50, InceptionV3, EfficientNet, MobileNetV3 and MEMBER's network, and compare them.

    The same command resumes a stopped comparison. Needs the extra "train".
    """
    prepare_backend(threads)
    from autocull.train import Budget, compare, format_comparison_page, make_recipe

    selected_recipe = make_recipe(member)
    with make_progress(Console(stderr=True)) as progress:
        callbacks = make_reading_callbacks(progress)
        epoch_callback = make_epoch_callbacks(progress)
        results = compare(
            selected_recipe,
            Budget(data=data, epochs=epochs, size=size, seed=seed),
            out.with_name(out.name + ".results"),
            callback_for=lambda name: epoch_callback(f"{name}, epoch"),
            **callbacks,
        )
    budget_text = (
        f"The same photos, augmentation, optimiser and plan for all: {epochs} epochs, pictures of {size} px, "
        f"seed {seed}, {threads} thread{'' if threads == 1 else 's'}."
    )
    page = format_comparison_page(
        member, selected_recipe.classes, results, command=format_command(), budget=budget_text
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, "utf-8")
    click.echo(page)
    click.echo(f"The page is {out}.")
