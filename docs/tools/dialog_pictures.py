"""Draw the pictures of the Lightroom plug-in's dialogs: docs/dialogs/NAME.png.

Run `PYTHONPATH=tests python docs/tools/dialog_pictures.py` after a change of a dialog; a test fails while a
picture is not up to date. Needs Chromium. With a language (`de`) and a folder, the pictures in that language
are written there instead, to be looked at.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

from dialog_html import draw_page
from dialog_scenes import SCENES, open_dialog

FOLDER = Path(__file__).resolve().parents[1] / "dialogs"
SOURCE = "source"
"""The text in each PNG file that holds the digest of the page that it was drawn from."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WINDOW = (1100, 1000)
SCALE = 1.25
COLOURS = 48
MARGIN = 8


def digest_of(page: str) -> str:
    """Return the digest of a page."""
    return hashlib.sha256(page.encode()).hexdigest()


def digest_in(picture: Path) -> str | None:
    """Return the digest of the page that a picture was drawn from; None where it has none."""
    with Image.open(picture) as image:
        return image.info.get(SOURCE)


def take_picture(page: str, target: Path) -> None:
    """Write the picture of a page, cropped to what is drawn; raises OSError where no browser is installed."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise OSError("Chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        source, shot = Path(folder, "page.html"), Path(folder, "page.png")
        source.write_text(page, "utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        options += [f"--force-device-scale-factor={SCALE}", f"--window-size={WINDOW[0]},{WINDOW[1]}"]
        call = [browser, *options, f"--user-data-dir={folder}", f"--screenshot={shot}", source.as_uri()]
        subprocess.run(call, check=True, capture_output=True, timeout=120)  # noqa: S603
        with Image.open(shot) as image:
            _crop(image.convert("RGB")).quantize(COLOURS).save(target, optimize=True, pnginfo=_source(page))


def _crop(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, (255, 255, 255))
    left, top, right, bottom = ImageChops.difference(image, white).getbbox() or (0, 0, *image.size)
    return image.crop((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN))


def _source(page: str) -> PngInfo:
    information = PngInfo()
    information.add_text(SOURCE, digest_of(page))
    return information


def main(arguments: list[str]) -> None:
    """Write all pictures that are not up to date."""
    language, folder = (arguments[0], Path(arguments[1])) if arguments else ("en", FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCENES:
        target = folder / f"{name}.png"
        with tempfile.TemporaryDirectory() as home:
            page = draw_page(open_dialog(name, Path(home), language))
        if not target.exists() or digest_in(target) != digest_of(page):
            take_picture(page, target)


if __name__ == "__main__":
    main(sys.argv[1:])
