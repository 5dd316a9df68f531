"""What a photo is, what its EXIF claims, and an upright copy of it to look at.

Bytes come from phones and from strangers: nothing is decoded that `sniff` and the limits do not admit, and
reading EXIF never fails, because a photo with a broken tag is still evidence.
"""

import io
from pathlib import Path
from typing import IO, Literal

from PIL import Image

from inspect_api.media.exif import ExifClaims, claims_of

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
HEIC, AVIF, PDF = "image/heic", "image/avif", "application/pdf"
SNIFF_BYTES = 64
ACCEPTED = "Photos are JPEG, PNG, WebP, HEIC or AVIF; proofs also PDF"

MAX_PIXELS = 250_000_000  # the largest phone sensors have 200 million
MAX_DECODED_PIXELS = 60_000_000  # what is held in memory; a baseline JPEG is scaled down while it is read

_DECODED = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", AVIF: "AVIF"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
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

Why = Literal["unsupported", "too_large", "damaged"]


class ThumbnailUnavailable(Exception):
    """There will be no thumbnail of these bytes; the original is kept all the same."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


def sniff(first_bytes: bytes) -> str | None:
    """Content type by the first SNIFF_BYTES bytes; None for everything that is not accepted as evidence."""
    if first_bytes.startswith(b"\xff\xd8\xff"):
        return JPEG
    if first_bytes.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if first_bytes[:4] == b"RIFF" and first_bytes[8:12] == b"WEBP":
        return WEBP
    if first_bytes.startswith(b"%PDF-"):
        return PDF
    if first_bytes[4:8] == b"ftyp":
        return _sniff_brands(first_bytes)
    return None


def _sniff_brands(first_bytes: bytes) -> str | None:
    # ISO 14496-12: box size, "ftyp", major brand, minor version, then the compatible brands.
    end = min(int.from_bytes(first_bytes[:4]), len(first_bytes))
    major = first_bytes[8:12]
    brands = {first_bytes[at : at + 4] for at in range(16, end - 3, 4)}
    if major in _AVIF_BRANDS or (major in _HEIC_BRANDS and brands & _AVIF_BRANDS):
        return AVIF
    return HEIC if major in _HEIC_BRANDS else None


def read_exif(source: IO[bytes] | Path) -> ExifClaims:
    """What the photo says of itself; empty where it says nothing that can be understood. Never raises."""
    try:
        with Image.open(source, formats=list(_DECODED.values())) as image:
            return _claims(image)
    except Exception:  # Pillow's parsers raise nearly anything on hostile bytes
        return ExifClaims()


def make_thumbnail(file: IO[bytes], size: int) -> bytes:
    """An upright WebP within `size` x `size` pixels, without EXIF, of a JPEG, PNG, WebP or AVIF.

    Raises ThumbnailUnavailable: `unsupported` (PDF, HEIC, no image), `too_large` (known before anything is
    decoded), `damaged` (what a decoder cannot read to its end).
    """
    kind = sniff(file.read(SNIFF_BYTES))
    if kind not in _DECODED:
        raise ThumbnailUnavailable("unsupported")
    file.seek(0)
    try:
        with Image.open(file, formats=[_DECODED[kind]]) as image:
            return _webp(_shrink(image, size))
    except ThumbnailUnavailable:
        raise
    except MemoryError:
        raise ThumbnailUnavailable("too_large") from None
    except Exception as error:  # as in read_exif
        raise ThumbnailUnavailable("damaged") from error


def _shrink(image: Image.Image, size: int) -> Image.Image:
    orientation = _claims(image).orientation
    whole = image.width * image.height
    image.draft(None, (2 * size, 2 * size))
    # A progressive JPEG is held whole, in coefficients, whatever the scale.
    decoded = whole if "progressive" in image.info else image.width * image.height
    if whole > MAX_PIXELS or decoded > MAX_DECODED_PIXELS:
        raise ThumbnailUnavailable("too_large")
    image = _eight_bit(image)
    image.thumbnail((size, size))
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def _claims(image: Image.Image) -> ExifClaims:
    try:
        # Not image.getexif(): that of PNG decodes the whole picture to look behind it, bombs too.
        return claims_of(Image.Image.getexif(image))
    except Exception:  # as in read_exif; a picture with broken EXIF still has a thumbnail
        return ExifClaims()


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits as 8: Pillow's own conversion clips it to white. Palettes as colours."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda grey: grey / 256).convert("L")
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    return image


def _webp(image: Image.Image) -> bytes:
    bytes_ = io.BytesIO()
    image.convert("RGBA" if "A" in image.mode else "RGB").save(bytes_, "WEBP", quality=80)
    return bytes_.getvalue()
