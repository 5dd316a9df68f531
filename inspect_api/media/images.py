"""What the EXIF of a photo claims, and upright copies of it to look at.

Bytes come from phones and from strangers: nothing is decoded that `sniff` and the limits do not admit, and
reading EXIF never fails, because a photo with a broken tag is still evidence. The product calls this in a
process with limits (`darkroom.py`): a decoder that hangs, crashes or grows takes nothing else with it.
"""

import io
from collections.abc import Iterable
from typing import IO

import pi_heif
from PIL import AvifImagePlugin, Image, JpegImagePlugin

from inspect_api.media.developed import Developed
from inspect_api.media.exif import ExifClaims, claims_in, claims_of
from inspect_api.media.formats import AVIF, HEIC, JPEG, PNG, SNIFF_BYTES, WEBP, sniff
from inspect_api.media.outline import outline_of

MAX_PIXELS = 250_000_000  # the largest phone sensors have 200 million; a baseline JPEG is scaled while read
MAX_DECODED_PIXELS = 60_000_000  # what can be scaled only after it was read whole
MAX_DECODED_BYTES = 340 * 1024 * 1024
"""What decoding may hold, by the header: with the program and its libraries it stays below the limit of the
process (`limits.py`), which ends what the header did not tell."""

_DECODED = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", AVIF: "AVIF", HEIC: "HEIF"}
_BYTES_PER_PIXEL = {"WEBP": 16, "AVIF": 8, "HEIF": 7}
"""At the peak of a decoder that holds a picture in several forms at once; otherwise by the mode."""
_BYTES_OF_MODE = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_BAND_PIXELS = 4_000_000
_QUALITY, _METHOD = 80, 2  # of WebP; its default method takes twice the time for copies 4 % smaller
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow's own limit would refuse a genuine photo of 200 million pixels by its header.
Image.MAX_IMAGE_PIXELS = None
# One thread each: a stack and an arena for every core would eat the limit of memory on a large machine.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


class _TooLarge(Exception):
    pass


def develop(file: IO[bytes], sizes: Iterable[int]) -> Developed:
    """Read the EXIF of a photo and make its copies, each within size x size pixels and without EXIF.

    Without sizes no pixel is decoded. Raises MemoryError, whatever the bytes, and nothing else.
    """
    file.seek(0)
    kind = sniff(file.read(SNIFF_BYTES))
    file.seek(0)
    exif = ExifClaims()
    if kind not in _DECODED:
        return Developed("unsupported")
    try:
        with Image.open(file, formats=[_DECODED[kind]]) as image:
            exif = _claims(image)
            return _developed(image, exif, sorted(sizes, reverse=True))
    except MemoryError:
        raise
    except _TooLarge:
        return Developed("too_large", exif)
    except Exception:  # Pillow's parsers raise nearly anything on hostile bytes
        return Developed("damaged", exif)


def _claims(image: Image.Image) -> ExifClaims:
    try:
        # Not image.getexif(): that of PNG decodes the whole picture to look behind it, bombs too.
        return claims_of(Image.Image.getexif(image))
    except Exception:  # as in develop; a picture with broken EXIF still has copies
        return ExifClaims()


def _developed(image: Image.Image, exif: ExifClaims, sizes: list[int]) -> Developed:
    """From the largest size down: each is made of the one before it, and one decoding does for all."""
    if not sizes:
        return Developed("ready", exif)
    small = _shrink(image, sizes[0])
    if exif == ExifClaims():  # a PNG may have it behind its pixels
        exif = claims_in(image.info.get("exif", b""))
    if exif.orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[exif.orientation])
    copies = {}
    for size in sizes:
        small.thumbnail((size, size))
        copies[size] = _webp(small)
    return Developed("ready", exif, copies, outline_of(small))


def _shrink(image: Image.Image, size: int) -> Image.Image:
    """As RGB or RGBA, not much larger than size x size."""
    whole, coefficients = image.width * image.height, _coefficients(image)
    image.draft(None, (size, size))
    decoded = image.width * image.height
    held = decoded * _bytes_per_pixel(image) + coefficients
    if whole > MAX_PIXELS or decoded > MAX_DECODED_PIXELS or held > MAX_DECODED_BYTES:
        raise _TooLarge
    image.load()
    factor = max(1, min(image.width, image.height, max(image.width, image.height) // (2 * size)))
    if image.width * image.height <= _BAND_PIXELS or factor == 1:
        return _coloured(image)
    return _reduce(image, factor)


def _coefficients(image: Image.Image) -> int:
    """Bytes in which libjpeg holds a progressive JPEG whole, whatever the scale (ITU T.81, annex G)."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or "progressive" not in image.info:
        return 0
    samples = [(across, down) for _, across, down, _ in image.layer]
    most = max(across for across, _ in samples) * max(down for _, down in samples)
    return 2 * image.width * image.height * sum(across * down for across, down in samples) // most


def _bytes_per_pixel(image: Image.Image) -> int:
    return _BYTES_PER_PIXEL.get(image.format or "") or _BYTES_OF_MODE.get(image.mode, 4)


def _reduce(image: Image.Image, factor: int) -> Image.Image:
    """Each factor x factor pixels as one, a band at a time: no second large picture is ever held."""
    rows = max(1, _BAND_PIXELS // image.width // factor) * factor
    reduced: Image.Image | None = None
    size = (-(-image.width // factor), -(-image.height // factor))
    for top in range(0, image.height, rows):
        band = _coloured(image.crop((0, top, image.width, min(top + rows, image.height)))).reduce(factor)
        reduced = reduced or Image.new(band.mode, size)
        reduced.paste(band, (0, top // factor))
    return reduced or _coloured(image)


def _coloured(image: Image.Image) -> Image.Image:
    """As RGB, or RGBA where something is transparent. Pillow's own conversion of deep grey would clip it."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda grey: grey / 256).convert("L")
    has_alpha = "A" in image.mode or "a" in image.mode or "transparency" in image.info
    # Always another image: one that still belongs to its file may be read from it again (HEIC of many).
    return image.convert("RGBA" if has_alpha else "RGB")


def _webp(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=_QUALITY, method=_METHOD)  # takes nothing along that it is not given
    return file.getvalue()
