"""`autocull taste`: lists, shows, exports, imports and deletes learned tastes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autocull.cli.cull import require_suffix
from autocull.cli.formatting import make_printable
from autocull.cli.options import OutputFile, tastes_option

if TYPE_CHECKING:
    from autocull.taste import ProfileStore

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(
    epilog="Exit codes: 0 done; 2 there is no such taste; 3 its file is damaged or cannot be written."
)
@tastes_option
@click.pass_context
def taste(context: click.Context, tastes: Path | None) -> None:
    """Manage the tastes that `autocull learn` has learned: one small file each, without pixels and paths."""
    from autocull.paths import default_tastes
    from autocull.taste import ProfileStore

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
    """Show what NAME was learned from, whether it acts, and the bound of its errors."""
    from autocull.taste import summarise

    click.echo("\n".join(summarise(tastes.load(name), loss)))


@taste.command()
@click.argument("name")
@click.argument("file", type=OutputFile(), callback=require_suffix(".json"))
@click.pass_obj
def export(tastes: ProfileStore, name: str, file: Path) -> None:
    """Write NAME into FILE.json, for another machine."""
    from autocull.errors import TasteError
    from autocull.taste import write_profile

    profile = tastes.load(name)
    try:
        write_profile(profile, file)
    except OSError as error:
        raise TasteError(f"{file} cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote {make_printable(file)}.")


@taste.command("import")
@click.argument("file", type=_FILE)
@click.option("--name", help="Its name here; by default the one in the file.")
@click.option("--replace", "replace_existing", is_flag=True, help="Replace a taste of the same name.")
@click.pass_obj
def import_(tastes: ProfileStore, file: Path, name: str | None, replace_existing: bool) -> None:
    """Import the taste in FILE, which `autocull taste export` wrote."""
    from autocull.errors import SettingsError
    from autocull.taste import read_profile, validate_name

    profile = read_profile(file)
    new_name = validate_name(name or profile.name)
    if tastes.profile_path(new_name).exists() and not replace_existing:
        raise SettingsError(f"There is a taste called {new_name!r}: give --name, or --replace.")
    tastes.save(replace(profile, name=new_name))
    click.echo(f"Imported {make_printable(new_name)}.")


@taste.command()
@click.argument("name")
@click.pass_obj
def delete(tastes: ProfileStore, name: str) -> None:
    """Delete NAME and its report."""
    tastes.delete(name)
    click.echo(f"Deleted {make_printable(name)}.")
