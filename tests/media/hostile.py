"""Pictures that ask for much: of genuine phones, and of those who mean harm."""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.media.pictures import BLUE, picture, saved, scans

_LARGEST_PHONE = (16_320, 12_240)


def hostile() -> Iterator[tuple[str, bytes]]:
    """Each with what it is. Making them takes a gigabyte and half a minute."""
    yield "PNG of 169 megapixels in 20 kB", saved(Image.new("1", (13_000, 13_000)), "PNG")
    yield "PNG of 400 megapixels in 48 kB", saved(Image.new("1", (20_000, 20_000)), "PNG")
    yield "PNG header of 2^31 pixels a side", png_header(2**31 - 1, 2**31 - 1)
    yield "JPEG header of 65500 x 65500", jpeg_header(65_500, 65_500)
    yield "JPEG of 1,000 scans", scans(1_000, 8_000)
    yield "JPEG of 200 megapixels", saved(noise(_LARGEST_PHONE), "JPEG", quality=80)
    yield "progressive JPEG of 200 megapixels", saved(noise(_LARGEST_PHONE), "JPEG", progressive=True)
    yield "progressive JPEG of 100 megapixels", saved(noise((11_600, 8_700)), "JPEG", progressive=True)
    yield "PNG of 60 megapixels, transparent", saved(noise((8_900, 6_700), "RGBA"), "PNG", compress_level=1)
    yield "PNG of 60 megapixels, 16 bits", saved(noise((8_900, 6_700), "I;16"), "PNG", compress_level=1)
    yield "WebP of 20 megapixels", saved(noise((5_000, 4_000)), "WEBP", method=0)
    yield "AVIF of 40 megapixels", saved(noise((7_400, 5_500)), "AVIF", speed=10)
    yield "PNG with 60 MB of text", png_text(60_000_000)
    yield "JPEG cut in half", halved(saved(picture((4_000, 3_000)), "JPEG"))


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Soft, about as large when it is compressed as a photograph."""
    soft = Image.effect_noise((size[0] // 8, size[1] // 8), 60).resize(size)
    return soft.convert("L").convert("I;16") if mode == "I;16" else soft.convert(mode)


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def png_header(width: int, height: int) -> bytes:
    """A PNG that says this of its size, and holds 8 x 8 pixels."""
    content = bytearray(saved(Image.new("1", (8, 8)), "PNG"))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def jpeg_header(width: int, height: int, *, progressive: bool = False) -> bytes:
    """A JPEG that says this of its size, and holds 8 x 8 pixels."""
    content = bytearray(saved(Image.new("RGB", (8, 8), BLUE), "JPEG", progressive=progressive))
    frame = content.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(content[:-2])


def png_text(size: int) -> bytes:
    """A PNG with a compressed text of so many spaces."""
    content = saved(Image.new("1", (8, 8)), "PNG")
    body = b"zTXt" + b"Comment\0\0" + zlib.compress(b" " * size)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return content[:33] + chunk + content[33:]
