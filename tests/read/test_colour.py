"""Colour profiles: which are converted, which need no conversion, and which are ignored with a remark."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageCms

from autocull.read.colour import fitting_profile, to_srgb
from support.icc_profiles import ADOBE_RGB, SRGB, grey_profile, rgb_profile

ADOBE = rgb_profile(ADOBE_RGB, 2.19921875)
IGNORED = (None, ("profile_ignored",))


def converted(colour: tuple[int, ...] | int, mode: str, profile: bytes | None) -> list[int]:
    """Return one colour in sRGB."""
    return np.asarray(to_srgb(Image.new(mode, (2, 2), colour), profile))[0, 0].tolist()


def test_no_profile_means_srgb() -> None:
    """Without a profile the values stay unchanged, without a remark."""
    assert fitting_profile(None, "RGB") == fitting_profile(b"", "RGB") == (None, ())
    assert converted((1, 2, 3), "RGB", None) == [1, 2, 3]


def test_adobe_rgb_is_converted_to_srgb() -> None:
    """Adobe RGB's greens exceed sRGB, its greys stay, its dull colours gain saturation."""
    assert fitting_profile(ADOBE, "RGBX") == (ADOBE, ())
    assert converted((128, 128, 128), "RGB", ADOBE) == pytest.approx([128] * 3, abs=1)
    red, green, blue = converted((100, 160, 100), "RGB", ADOBE)
    assert red < 80
    assert green == pytest.approx(160, abs=3)
    assert blue == pytest.approx(96, abs=4)


def test_srgb_is_not_converted() -> None:
    """The profile of sRGB itself, which most photos have, is recognised by its effect."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert fitting_profile(srgb, "RGB") == (None, ())


def test_near_srgb_is_converted() -> None:
    """sRGB's primaries with another gamma change the tones, so they are converted."""
    other = rgb_profile(SRGB, 1.8)
    assert fitting_profile(other, "RGB") == (other, ())
    assert converted((100, 100, 100), "RGB", other)[0] > 110


def test_grey_profiles_are_ignored_for_colour_pictures() -> None:
    """A grey profile converts a grey picture; in a colour picture it would remove the colours."""
    grey = grey_profile(1.0)
    assert fitting_profile(grey, "L") == (grey, ())
    assert fitting_profile(grey, "RGB") == IGNORED
    assert converted(50, "L", grey)[0] > 110


def test_rgb_profiles_apply_to_grey_pictures() -> None:
    """A grey JPEG with a colour profile is converted by it."""
    assert fitting_profile(ADOBE, "L") == (ADOBE, ())
    assert converted(128, "L", ADOBE) == pytest.approx([128] * 3, abs=1)


@pytest.mark.parametrize("profile", [b"rubbish", ADOBE[:200], ADOBE[:-40], bytes(200)])
def test_corrupt_profiles_are_ignored_with_a_remark(profile: bytes) -> None:
    """A profile that cannot be used is ignored, with the remark `profile_ignored`."""
    assert fitting_profile(profile, "RGB") == IGNORED


def test_profiles_of_other_colour_spaces_are_ignored() -> None:
    """A Lab profile on an RGB picture, and an RGB profile on a CMYK picture, are not applied."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert fitting_profile(lab, "RGB") == IGNORED
    assert fitting_profile(ADOBE, "CMYK") == IGNORED


def test_cmyk_without_profile_uses_the_simple_formula() -> None:
    """No ink is white, all black ink is black, cyan is green and blue."""
    assert converted((0, 0, 0, 0), "CMYK", None) == [255, 255, 255]
    assert converted((0, 0, 0, 255), "CMYK", None) == [0, 0, 0]
    assert converted((255, 0, 0, 0), "CMYK", None) == [0, 255, 255]
