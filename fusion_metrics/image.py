"""`Image`: validated pixels on one scale, and a memory of what was computed from them.

Metrics never see uint8 arithmetic, unstated ranges or file formats: whatever comes in is checked once and handed out as
float64 on the scale 0..255. Pictures of whole grey levels are held as bytes until a formula asks for more. Features
(`fusion_metrics.feature`) are remembered on the image they describe.
"""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fusion_metrics.errors import InvalidImage
from fusion_metrics.picture_files import read_picture
from fusion_metrics.printable import printable
from fusion_metrics.reading import DEFAULT_GREY, STRICT, Reading, as_reading

Array: TypeAlias = npt.NDArray[np.float64]
ImageLike: TypeAlias = "Image | npt.NDArray[Any] | str | os.PathLike[str]"

#: MATLAB's rgb2gray: the first row of the inverse of the NTSC matrix, at full precision.
LUMINANCE_WEIGHTS = np.array([0.298936021293775, 0.587043074451121, 0.114020904255103])


class Image:
    """A grey or RGB picture with a stated range, float64 on 0..255 to whoever looks.

    Parameters
    ----------
    pixels : ndarray, shape (H, W) or (H, W, 3)
        uint8, or any other integer or float type together with `data_range`.
    data_range : float or (float, float), optional
        The values of black and white: ``1.0`` and ``(0, 1)`` mean the same. Needed for everything but uint8, where it
        is 0..255. Float pixels that came from an 8-bit picture (``k / 255``) are recognised and give exactly the same
        image.
    name : str
        What error messages call this image; the path, for an image from a file.

    Raises
    ------
    InvalidImage
        Wrong shape or type, no stated range, values outside the range, NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    >>> Image(ramp).digest == Image(ramp / 255, data_range=1.0).digest
    True
    """

    def __init__(
        self,
        pixels: npt.ArrayLike,
        *,
        data_range: float | tuple[float, float] | None = None,
        name: str = "image",
    ) -> None:
        self.name = name
        if np.ma.is_masked(pixels):
            raise InvalidImage(f"{name}: some pixels are masked; a metric takes all of them: crop, or fill them first")
        array = np.asarray(pixels)
        self._check_shape(array)
        if array.dtype == np.uint8 and data_range is None:
            self._hold(array.copy(order="K"))
        else:
            scaled, is_8bit = self._rescale(array, data_range)
            self._hold(scaled.astype(np.uint8) if is_8bit else scaled)
        self.memo: dict[Any, Any] = {}
        #: What was decided when a file became these pixels, such as that its EXIF orientation was applied.
        self.decisions: tuple[str, ...] = ()
        #: The rule that makes colours `luminance`, one of `fusion_metrics.grey.GREY_RULES`.
        self.grey = DEFAULT_GREY

    @classmethod
    def open(cls, path: str | os.PathLike[str], reading: Reading | str = STRICT) -> Image:
        """Read a grey or RGB file; see `fusion_metrics.picture_files` for the formats.

        Parameters
        ----------
        path : path
        reading : Reading or str, optional
            What is done where the file can be read in more than one way, such as ``"alpha=over-black,0..4095"``.
            Without it such a file is refused; what was decided is in `decisions`.

        Raises
        ------
        InvalidImage
            No such file, not an image, truncated, or something that the reading does not decide: the message names the
            reading that would.
        """
        chosen = as_reading(reading)
        picture = read_picture(path, chosen)
        image = cls(picture.pixels, data_range=picture.data_range, name=printable(os.fspath(path)))
        image.decisions, image.grey = picture.decisions, chosen.grey
        if image.is_colour and chosen.grey != DEFAULT_GREY:
            image.decisions += (f"grey={chosen.grey}",)
        return image

    def derived(self, pixels: Array, decision: str) -> Image:
        """Return an image of other pixels on 0..255, such as a part of this one, with one more decision behind it.

        A picture of whole grey levels stays one: its pixels are rounded.
        """
        whole = np.floor(pixels + 0.5).astype(np.uint8) if self.is_8bit else pixels
        image = Image(whole, data_range=None if self.is_8bit else 255.0, name=self.name)
        image.decisions, image.grey = (*self.decisions, decision), self.grey
        return image

    def _hold(self, pixels: npt.NDArray[Any]) -> None:
        """Keep pixels in the form that takes the least memory: bytes, or float64 where they are no whole levels."""
        pixels.setflags(write=False)
        self._held = pixels

    @property
    def is_8bit(self) -> bool:
        """Whether all pixels are whole grey levels."""
        return self._held.dtype == np.uint8

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self._held.shape[0], self._held.shape[1]

    @property
    def is_colour(self) -> bool:
        """Whether the picture has three channels."""
        return self._held.ndim == 3

    @cached_property
    def pixels(self) -> Array:
        """Pixels as float64 on 0..255, shape (H, W) or (H, W, 3)."""
        if not self.is_8bit:
            return self._held
        pixels = self._held.astype(np.float64)
        pixels.setflags(write=False)
        return pixels

    @cached_property
    def luminance(self) -> Array:
        """Grey picture, shape (H, W), 0..255: MATLAB's rgb2gray or another rule (`grey`), rounded if it is 8-bit."""
        if not self.is_colour:
            return self.pixels
        from fusion_metrics.grey import GREY_RULES  # which is about images

        grey = GREY_RULES[self.grey].grey_levels(self.pixels, rounded=self.is_8bit)
        grey.setflags(write=False)
        return grey

    @cached_property
    def compact_luminance(self) -> npt.NDArray[Any]:
        """The numbers of `luminance`, as uint8 if the picture is 8-bit: an eighth of the memory.

        Arithmetic with two of them overflows unless it names a wider type.
        """
        if not self.is_colour:
            return self._held
        if not self.is_8bit:
            return self.luminance
        compact = self.luminance.astype(np.uint8)
        compact.setflags(write=False)
        return compact

    @property
    def compact_pixels(self) -> npt.NDArray[Any]:
        """The numbers of `pixels`, as uint8 if the picture is 8-bit; see `compact_luminance`."""
        return self._held

    @cached_property
    def channels(self) -> tuple[Image, ...]:
        """The red, green and blue picture, each a grey image of its own; a grey picture has one channel, itself."""
        if not self.is_colour:
            return (self,)
        pixels = self._held
        data_range = None if self.is_8bit else 255.0
        names = (f"{self.name} ({colour})" for colour in ("red", "green", "blue"))
        return tuple(Image(pixels[..., c], data_range=data_range, name=name) for c, name in enumerate(names))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of shape, pixels and grey rule: equal for equal pictures, however they were handed in."""
        content = self._held
        # MATLAB's rule is not mentioned, so that what was stored before there were others is found.
        rule = self.grey if self.is_colour and self.grey != DEFAULT_GREY else ""
        header = f"{content.dtype}{content.shape}{rule}".encode()
        return hashlib.sha256(header + content.tobytes()).hexdigest()

    def forget(self) -> None:
        """Let go of all that was computed from the pixels; what is asked for again is computed again."""
        self.memo.clear()
        for name in _COMPUTED:
            self.__dict__.pop(name, None)

    def __repr__(self) -> str:
        height, width = self.shape
        return f"Image({self.name!r}, {height}x{width}{', colour' if self.is_colour else ''})"

    def __getstate__(self) -> dict[str, Any]:
        """Leave the memo behind when the image travels to another process."""
        return {"pixels": self._held, "name": self.name, "decisions": self.decisions, "grey": self.grey}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.name, self.memo = state["name"], {}
        self.decisions, self.grey = state["decisions"], state["grey"]
        self._hold(state["pixels"])

    def _check_shape(self, array: npt.NDArray[Any]) -> None:
        if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
            raise InvalidImage(f"{self.name}: shape {array.shape} is neither (H, W) nor (H, W, 3){_hint(array.shape)}")
        if array.size == 0:
            raise InvalidImage(f"{self.name}: has no pixels, shape {array.shape}")

    def _rescale(self, array: npt.NDArray[Any], data_range: float | tuple[float, float] | None) -> tuple[Array, bool]:
        """Bring any numeric type from its stated range to 0..255; say whether it is an 8-bit picture."""
        kind = array.dtype.kind
        if kind not in "iuf":
            raise InvalidImage(f"{self.name}: pixels of type {array.dtype} are not numbers on a grey scale")
        if data_range is None:
            raise InvalidImage(
                f"{self.name}: {array.dtype} pixels need a stated data_range, such as data_range={_likely_white(array)}"
            )
        black, white = data_range if isinstance(data_range, tuple) else (0.0, data_range)
        if not (np.isfinite(black) and np.isfinite(white) and black < white):
            raise InvalidImage(f"{self.name}: data_range {data_range!r} is not an increasing finite range")
        values = array.astype(np.float64)
        if not np.isfinite(values).all():
            raise InvalidImage(f"{self.name}: has NaN or infinite pixels")
        low, high, slack = values.min(), values.max(), 1e-6 * (white - black)
        if low < black - slack or high > white + slack:
            raise InvalidImage(f"{self.name}: values {low:g}..{high:g} leave the data range {black:g}..{white:g}")
        scaled = np.clip((values - black) * (255.0 / (white - black)), 0.0, 255.0)
        # k/255 is not exact in binary: within the rounding of its own type, a whole number is that number.
        rounding = 255.0 * float(np.finfo(array.dtype if kind == "f" else np.float64).eps)
        whole = np.rint(scaled)
        if np.abs(scaled - whole).max() <= rounding:
            return whole, True
        return scaled, False


def _hint(shape: tuple[int, ...]) -> str:
    """Say how an array of another shape becomes a picture, where that is plain."""
    if len(shape) == 3 and shape[2] in (2, 4):
        return " (remove the alpha channel first)"
    if len(shape) > 2 and 1 in shape:
        return " (one picture at a time, without axes of length 1: squeeze them away)"
    if len(shape) == 3 and shape[0] == 3:
        return " (channels come last: np.moveaxis(pixels, 0, -1))"
    return ""


def _likely_white(array: npt.NDArray[Any]) -> str:
    """Guess what pixels call white, for a message; nothing is computed with it."""
    highest = array.max()
    if array.dtype.kind == "f" and not highest > 1:
        return "1.0"
    return next((str(white) for white in (255, 4095, 65535) if highest <= white), "...")


#: What an image holds beside its own pixels and its memory of features.
_COMPUTED = tuple(name for name, value in vars(Image).items() if isinstance(value, cached_property))


def as_image(
    source: ImageLike, *, data_range: float | tuple[float, float] | None = None, name: str | None = None
) -> Image:
    """Make an `Image` of an array or a path; an `Image` passes through with its memory."""
    if isinstance(source, Image):
        return source
    if isinstance(source, (str, os.PathLike)):
        return Image.open(Path(source))
    return Image(source, data_range=data_range, name=name or "image")
