"""`autocull settings` and `autocull profiles`: every setting and profile with its meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from autocull.judge import SettingDescription


@click.command(epilog="Exit codes: 0 done; 2 there is no such setting.")
@click.argument("name", required=False)
def settings(name: str | None) -> None:
    """List the settings with default and meaning, or describe NAME, a setting or the start of some.

    Change one for a run with `autocull cull FOLDER --set NAME=VALUE`, or for all in your settings file, whose
    path and values are shown.
    """
    from autocull.judge import describe_settings, format_value, list_user_changes
    from autocull.paths import user_settings_file

    descriptions, file = describe_settings(), user_settings_file()
    changes = list_user_changes(file)
    if name is None:
        for each in descriptions.values():
            _echo_wrapped(f"{each.name:<22} {each.default:<8} ", each.meaning)
        click.echo("\nRange and profiles of one: autocull settings NAME")
        click.echo("\n".join(_format_user_file(file, changes)))
        return
    for each in _select(descriptions.values(), name):
        click.echo("\n".join(_format_description(each)))
        if each.name in changes:
            click.echo(f"  In your settings file: {format_value(changes[each.name])} ({file})")


@click.command(epilog="Exit codes: 0 done; 2 there is no such profile.")
@click.argument("name", required=False)
def profiles(name: str | None) -> None:
    """List the profiles for kinds of shoots, or what the profile NAME changes.

    Use one with `autocull cull FOLDER --profile NAME`.
    """
    from autocull.judge import PROFILE_DESCRIPTIONS, list_profile_changes, load_settings

    if name is None:
        for profile, text in PROFILE_DESCRIPTIONS.items():
            _echo_wrapped(f"{profile:<12}", text)
        return
    load_settings(name)  # names the most similar profile where there is none of this name
    _echo_wrapped("", PROFILE_DESCRIPTIONS[name])
    for setting, (balanced, value) in list_profile_changes(name).items():
        click.echo(f"  {setting:<24}{value:<9} (balanced: {balanced})")


def _select(descriptions: Iterable[SettingDescription], name: str) -> list[SettingDescription]:
    """Return the setting of this name, else those that begin with it; raises SettingsError without any."""
    from autocull.judge import load_settings

    listed = list(descriptions)
    wanted = name.lower().replace("-", "_")
    selected = [each for each in listed if each.name == wanted] or [
        each for each in listed if each.name.startswith(wanted)
    ]
    if not selected:
        load_settings(overrides={name: None})  # raises, with the most similar name
    return selected


def _format_description(description: SettingDescription) -> list[str]:
    unit = "" if description.unit == "choice" else f" ({description.unit})"
    return [
        f"{description.name} = {description.default}",
        click.wrap_text(description.meaning, 78, "  ", "  "),
        f"  Accepts: {description.accepts}{unit}",
        *_list_profile_values(description.name),
    ]


def _list_profile_values(name: str) -> list[str]:
    from autocull.judge import PROFILES, list_profile_changes

    changes = ((profile, list_profile_changes(profile)) for profile in PROFILES)
    return [f"  In the profile {profile}: {values[name][1]}" for profile, values in changes if name in values]


def _format_user_file(file: Path, changes: Mapping[str, Any]) -> list[str]:
    """Return the path of the user's settings file and the values in it."""
    from autocull.judge import Settings, format_value

    lines = [f"Your settings file{'' if file.exists() else ' (there is none so far)'}:", f"  {file}"]
    for name, value in changes.items():
        if name == "marks":
            lines.append(f"  marks: {len(value)} rows")
        elif name == "profile":
            lines.append(f"  profile = {value} (default: balanced)")
        else:
            default = format_value(Settings.model_fields[name].default)
            lines.append(f"  {name} = {format_value(value)} (default: {default})")
    return lines


def _echo_wrapped(head: str, text: str) -> None:
    click.echo(click.wrap_text(text, 78, head, " " * len(head)))
