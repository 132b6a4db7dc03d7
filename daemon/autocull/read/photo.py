"""The photo types: `Photo` (upright sRGB pixels), `Capture` (metadata), `Frame` (files) and `Box`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # finding photos needs no NumPy, whose import would double the start-up time
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
else:
    Pixels = Any
"""An sRGB picture: `(height, width, 3)`, uint8, upright."""


class Box(NamedTuple):
    """A rectangle in fractions (0-1) of the upright picture; `x1` and `y1` are exclusive."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The files of one photo: the file that is read, and the files that get the same marks.

    A RAW+JPEG pair is one frame: `path` is the RAW file, `companions` holds the JPEG.
    """

    path: Path
    companions: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Return every photo file of the frame; the first is the one that is read."""
        return (self.path, *self.companions)


@dataclass(frozen=True, slots=True)
class Capture:
    """What the camera recorded about a photo; None where the file holds no value.

    `taken` is local time in ISO 8601 with the sub-seconds and the offset that the file holds
    ("2024-05-01T10:11:12.340+02:00"); `taken_from` is its source: "exif", "preview", "raw" or "file" (the
    file's modification time, unreliable). Units: mm, f-number, seconds, ISO, EV. `orientation` is the EXIF
    value 1-8 that was applied to turn the stored picture upright.
    """

    taken: str | None = None
    taken_from: str | None = None
    camera: str | None = None
    serial: str | None = None
    lens: str | None = None
    focal_length: float | None = None
    aperture: float | None = None
    shutter: float | None = None
    iso: int | None = None
    exposure_bias: float | None = None
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo, ready to be measured.

    `width` and `height` are those of the decoded pixels (for a RAW file, of its preview), upright. `working`
    is the whole picture, long side at most 1024 px (smaller pictures are not enlarged). `kind` is the
    content's format ("jpeg", "raw", "heic", ...). Pixels are stored in the reader's buffer: they are valid
    until its next read.

    `remarks` are codes of limitations: "low_resolution_preview" (too few pixels to judge the focus reliably),
    "scaled_down" (too large to be decoded at full size), "maybe_damaged" (inconsistent data, a part of the
    picture may be wrong), "profile_ignored" (the colours were taken as sRGB) and "companion_read" (the
    companion JPEG was read instead of the RAW file).

    `sensor_white` is the share (0-1) of sensor values of a RAW file that are saturated; None where it was not
    counted, because the preview is not bright or the sensor data cannot be read.
    """

    path: Path
    kind: str
    width: int
    height: int
    working: Pixels
    capture: Capture
    cropper: Callable[[Box, int], Pixels] = field(repr=False)
    remarks: tuple[str, ...] = ()
    sensor_white: float | None = None

    @classmethod
    def from_pixels(cls, pixels: Pixels, orientation: int = 1) -> Photo:
        """Return the photo of sRGB pixels `(h, w, 3)` in memory, turned upright by the EXIF `orientation`."""
        import numpy as np  # imported on first use, as above
        from PIL import Image

        from autocull.read.decoded_image import DecodedImage

        picture = DecodedImage(Image.fromarray(np.ascontiguousarray(pixels)), orientation)
        width, height = picture.size
        capture = Capture(orientation=orientation)
        return cls(Path("memory"), "memory", width, height, picture.render_working(), capture, picture.crop)

    def crop(self, box: Box, reduce: int = 1) -> Pixels:
        """Crop `box` at native resolution, averaged over `reduce` x `reduce` pixels.

        Returns `(h, w, 3)` uint8, upright, sRGB; the box is clipped to the picture and is at least one pixel.
        """
        return self.cropper(box, reduce)
