"""Profiles: kinds of shoot, each by the signals that can be trusted there.

What a profile does not name is as in "balanced".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autocull.judge.settings import Settings

PROFILES: Mapping[str, Settings] = MappingProxyType(
    {
        "balanced": Settings(),
        # People sit for it: their eyes decide. Focus is judged there too, but the whole-frame network is
        # asked too: at the eyes of small faces, sharp skin looks soft (models/focus/card.md).
        "portrait": Settings(
            eyes_reject=0.2,
            eyes_doubt=0.4,
            focus_doubt=0.45,
            flare_trust="ignore",
        ),
        # Nothing can be repeated and the light is what it is: dark and noise are no grounds, and a blink
        # among many guests is a matter for the photographer.
        "event": Settings(
            dark_trust="doubt",
            dark_doubt=0.85,
            noise_trust="ignore",
            flare_trust="ignore",
            eyes_group=3,
            motion_trust="doubt",
        ),
        # Nobody's eyes count; the whole frame has to be sharp, and its light has to be right.
        "landscape": Settings(
            eyes_trust="ignore",
            focus_on="frame",
            flare_trust="reject",
            noise_trust="reject",
            resolution_doubt=800,
        ),
        # Faces squint and shout, and backgrounds fly by: eyes and motion raise no more than doubt, and the
        # whole-frame network, which sees the background, is not asked.
        "sports": Settings(
            eyes_trust="ignore",
            motion_trust="doubt",
            focus_second="never",
            noise_trust="ignore",
            flare_trust="ignore",
        ),
        # A still subject under controlled light: there is no excuse for softness, wrong light or a poor file.
        "product": Settings(
            eyes_trust="ignore",
            focus_reject=0.35,
            focus_doubt=0.55,
            focus_second="never",
            dark_reject=0.75,
            dark_doubt=0.6,
            bright_reject=0.75,
            bright_doubt=0.6,
            flare_trust="reject",
            noise_trust="reject",
            resolution_doubt=1000,
        ),
    }
)
"""The profiles by name; "balanced" is the default."""

PROFILE_DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "balanced": "Mixed shoots: every ground is heard.",
        "portrait": "People sit for it: their eyes decide.",
        "event": "Weddings and parties: the light is what it is, and one blink among guests is no reject.",
        "landscape": "The whole frame has to be sharp and its light right; nobody's eyes count.",
        "sports": "Faces squint, backgrounds fly by: eyes are not heard, motion raises no more than doubt.",
        "product": "A still subject, controlled light: no excuse for softness, wrong light or a poor file.",
    }
)
"""Each profile in a sentence for the photographer."""
