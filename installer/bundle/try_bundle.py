"""Try the self-contained program as its user would, without a Python on the search path.

    python installer/bundle/try_bundle.py FOLDER_OF_THE_PROGRAM

Needs a Python with the packages of Autocull, to make the photos. Raises RuntimeError at the first difference.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pillow_heif
import tifffile
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from support import raw_files

SIZE = (900, 600)


def main(arguments: list[str]) -> int:
    """Run all trials with the program in the folder given; returns the exit code."""
    name = "autocull.exe" if os.name == "nt" else "autocull"
    program = Path(arguments[0]).resolve() / name
    with tempfile.TemporaryDirectory(prefix="autocull-try-") as folder:
        trial = Trial(program, Path(folder))
        for attempt in (trial.cull, trial.explain, trial.learn, trial.serve):
            attempt()
            print(f"  {attempt.__name__}: as it should be", flush=True)
    return 0


class Trial:
    """The program, with a home of its own and an empty search path."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.photos = program, folder / "photos"
        home = folder / "home"
        home.mkdir()
        kept = {name: value for name, value in os.environ.items() if name in ("SYSTEMROOT", "TEMP", "TMP")}
        self.environment = {
            **kept, "PATH": "", "HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home),
            "XDG_CACHE_HOME": str(home / "cache"), "XDG_DATA_HOME": str(home / "data"),
        }  # fmt: skip
        make_photos(self.photos)

    def run(self, *words: str, code: int = 0) -> str:
        """Run the program and return its output; raises RuntimeError for another exit code."""
        result = subprocess.run(
            [str(self.program), *words],
            env=self.environment, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        if result.returncode != code:
            raise RuntimeError(f"{words} ended with {result.returncode}: {result.stdout}{result.stderr}")
        return result.stdout

    def cull(self) -> None:
        """Cull JPEG, HEIC, TIFF and RAW, with report and JSON lines."""
        report, lines = self.photos.parent / "report.html", self.photos.parent / "results.jsonl"
        self.run("cull", str(self.photos), "--report", str(report), "--json", str(lines))
        results = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
        errors = [each for each in results if each["error"]]
        if len(results) != len(list(self.photos.iterdir())) or errors:
            raise RuntimeError(f"{len(results)} results, of them with errors: {errors}")
        if "<html" not in report.read_text("utf-8"):
            raise RuntimeError("the report is no page")

    def explain(self) -> None:
        """Explain a photo, with the picture."""
        picture = self.photos.parent / "why.png"
        text = self.run("explain", str(self.photos / "sharp.jpg"), "--save", str(picture))
        with Image.open(picture) as image:
            if image.width < SIZE[0] or "The five likeliest labels" not in text:
                raise RuntimeError(f"the explanation is incomplete: {image.size}, {text}")

    def learn(self) -> None:
        """Learn from too few decisions, which names their number."""
        decisions = self.photos.parent / "decisions.jsonl"
        decision = {"path": str(self.photos / "sharp.jpg"), "shoot": None, "decision": "select"}
        decisions.write_text(json.dumps(decision) + "\n", "utf-8")
        self.run("learn", f"--decisions={decisions}", "--name=try", code=1)

    def serve(self) -> None:
        """Start the daemon in the background, read its state, and stop it."""
        self.run("start")
        try:
            if "is running" not in self.run("status"):
                raise RuntimeError("the daemon does not answer")
        finally:
            self.run("stop")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            state = subprocess.run(
                [str(self.program), "status"], env=self.environment, capture_output=True, check=False
            )
            if state.returncode == 1:
                return
        raise RuntimeError("the daemon did not stop")


def make_photos(folder: Path) -> None:
    """Make one photo of each kind in the folder: a lattice of discs in several file types."""
    folder.mkdir()
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    discs = ((rows % 90 - 45) ** 2 + (columns % 120 - 60) ** 2 < 900).astype(np.uint8)
    pixels = np.stack([60 + 120 * discs, 90 + 60 * discs, 140 - 80 * discs], axis=2).astype(np.uint8)
    image = Image.fromarray(pixels)
    image.save(folder / "sharp.jpg", quality=92)
    image.rotate(15).save(folder / "turned.png")
    pillow_heif.from_pillow(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)).save(folder / "phone.heic")
    tifffile.imwrite(folder / "scan.tif", pixels.astype(np.uint16) * 257, photometric="rgb")
    (folder / "raw.dng").write_bytes(raw_files.raw_file(pixels, dng=True))
    (folder / "raw_with_preview.nef").write_bytes(
        raw_files.raw_file(pixels, preview=raw_files.jpeg_of(pixels))
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
