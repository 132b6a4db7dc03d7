"""`autocull taste`: the profiles of what photographers select; list, show, export, import, delete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autocull.cli.cull.command import require_suffix
from autocull.cli.formatting import make_printable
from autocull.cli.options import tastes_option

if TYPE_CHECKING:
    from autocull.taste.profile_store import ProfileStore

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(
    epilog="Exit codes: 0 done; 2 there is no such taste; 3 its file is damaged or cannot be written."
)
@tastes_option
@click.pass_context
def taste(context: click.Context, tastes: Path | None) -> None:
    """Look after what `autocull learn` has learned: one small file per taste, without pixels and paths."""
    from autocull.paths import default_tastes
    from autocull.taste.profile_store import ProfileStore

    context.obj = ProfileStore(tastes or default_tastes())


@taste.command("list")
@click.pass_obj
def list_(tastes: ProfileStore) -> None:
    """List the tastes by name."""
    names = tastes.list_names()
    click.echo("\n".join(names) if names else "There are none. Learn one with `autocull learn`.")


@taste.command()
@click.argument("name")
@click.option("--loss", type=click.FloatRange(0, 1), default=0.02, show_default=True, help="As select_loss.")
@click.pass_obj
def show(tastes: ProfileStore, name: str, loss: float) -> None:
    """Show what NAME was learned from, whether it acts, and what it promises."""
    from autocull.taste.summary import summarise

    click.echo("\n".join(summarise(tastes.load(name), loss)))


@taste.command()
@click.argument("name")
@click.argument("file", type=_FILE, callback=require_suffix(".json"))
@click.pass_obj
def export(tastes: ProfileStore, name: str, file: Path) -> None:
    """Write NAME into FILE.json, to be carried to another machine."""
    from autocull.errors import TasteError
    from autocull.taste.profile_store import write_profile

    profile = tastes.load(name)
    try:
        write_profile(profile, file)
    except OSError as error:
        raise TasteError(f"{file} cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote {make_printable(file)}.")


@taste.command("import")
@click.argument("file", type=_FILE)
@click.option("--name", help="What it is called here; by default as it was.")
@click.option("--replace", "replacing", is_flag=True, help="Take the place of one of the same name.")
@click.pass_obj
def import_(tastes: ProfileStore, file: Path, name: str | None, replacing: bool) -> None:
    """Take in the taste in FILE, which `autocull taste export` wrote."""
    from autocull.errors import SettingsError
    from autocull.taste.profile_store import read_profile, validate_name

    profile = read_profile(file)
    new_name = validate_name(name or profile.name)
    if tastes.profile_path(new_name).exists() and not replacing:
        raise SettingsError(f"There is a taste called {new_name!r}: give --name, or --replace.")
    tastes.save(replace(profile, name=new_name))
    click.echo(f"Took in {make_printable(new_name)}.")


@taste.command()
@click.argument("name")
@click.pass_obj
def delete(tastes: ProfileStore, name: str) -> None:
    """Forget NAME for good, with its report."""
    tastes.delete(name)
    click.echo(f"Forgot {make_printable(name)}.")
