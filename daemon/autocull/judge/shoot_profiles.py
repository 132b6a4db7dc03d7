"""Profiles: the settings for each kind of shoot.

A setting that a profile does not name is as in "balanced".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autocull.judge.settings import Settings

PROFILES: Mapping[str, Settings] = MappingProxyType(
    {
        "balanced": Settings(),
        # The eyes decide, and focus is judged at the eyes. Where a face is soft the whole-frame network has
        # to agree: people behind what is in focus are soft on purpose (models/focus/card.md).
        "portrait": Settings(
            eyes_reject=0.2,
            eyes_doubt=0.4,
            eyes_purpose="doubt",
            focus_doubt=0.45,
            flare_trust="ignore",
        ),
        # Nothing can be repeated, and the light cannot be chosen: dark and noise do not reject, and a blink
        # among many faces is left to the photographer.
        "event": Settings(
            dark_trust="doubt",
            dark_doubt=0.7,
            noise_trust="ignore",
            flare_trust="ignore",
            eyes_reject=0.08,
            eyes_doubt=0.25,
            eyes_group=3,
            motion_trust="doubt",
        ),
        # Eyes do not count; the whole frame has to be sharp, and its light has to be right.
        "landscape": Settings(
            eyes_trust="ignore",
            focus_on="frame",
            flare_trust="reject",
            noise_trust="reject",
            resolution_doubt=800,
        ),
        # Faces squint and shout, and backgrounds are blurred: eyes are ignored, motion only raises a doubt,
        # and the whole-frame network need not agree where a face is soft.
        "sports": Settings(
            eyes_trust="ignore",
            motion_trust="doubt",
            focus_second="never",
            noise_trust="ignore",
            flare_trust="ignore",
        ),
        # A still subject under controlled light: softness, wrong light and a poor file all reject early.
        "product": Settings(
            eyes_trust="ignore",
            focus_reject=0.35,
            focus_doubt=0.55,
            focus_second="never",
            dark_reject=0.6,
            dark_doubt=0.3,
            bright_reject=0.4,
            bright_doubt=0.2,
            flare_trust="reject",
            noise_trust="reject",
            resolution_doubt=1000,
        ),
    }
)
"""The profiles by name; "balanced" is the default."""

PROFILE_DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "balanced": "Mixed shoots: every criterion counts.",
        "portrait": "Posed people: their eyes decide.",
        "event": "Weddings and parties: difficult light, and one blink in a group does not reject.",
        "landscape": "The whole frame has to be sharp and its light right; eyes are ignored.",
        "sports": "Squinting faces, moving backgrounds: eyes are ignored, motion only raises a doubt.",
        "product": "A still subject in controlled light: stricter on softness, light and file quality.",
    }
)
"""A sentence on each profile for the photographer."""

PROFILE_SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "wedding": "event",
        "party": "event",
        "concert": "event",
        "reportage": "event",
        "headshot": "portrait",
        "family": "portrait",
        "studio": "portrait",
        "nature": "landscape",
        "travel": "landscape",
        "architecture": "landscape",
        "action": "sports",
        "wildlife": "sports",
        "food": "product",
        "default": "balanced",
    }
)
"""The profile that is meant by other words for kinds of shoots."""
