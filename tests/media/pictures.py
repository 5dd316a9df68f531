"""Pictures made for the tests, and the EXIF in them."""

import io

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base

from inspect_api.media.exif import ExifClaims
from inspect_api.media.images import develop

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 160, 30), (30, 30, 200), (240, 240, 240)
TURPAN = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (42.0, 51.0, 36.0),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (90.0, 12.0, 45.0),
}


def picture(size=(640, 400), mode="RGB") -> Image.Image:
    """Upright: red top left, green top right, blue bottom left, white bottom right."""
    image = Image.new("RGB", size, WHITE)
    draw = ImageDraw.Draw(image)
    x, y = size[0] // 2, size[1] // 2
    draw.rectangle((0, 0, x, y), RED)
    draw.rectangle((x, 0, size[0], y), GREEN)
    draw.rectangle((0, y, x, size[1]), BLUE)
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(main=None, photo=None, gps=None) -> Image.Exif:
    claims = Image.Exif()
    claims.update(main or {})
    if photo:
        claims.get_ifd(IFD.Exif).update(photo)
    if gps:
        claims.get_ifd(IFD.GPSInfo).update(gps)
    return claims


def claims_of(content: bytes) -> ExifClaims:
    return develop(io.BytesIO(content), []).exif


def scans(count: int, side: int) -> bytes:
    """A progressive JPEG that says its last scan so many times again: small to send, long to read."""
    claims = exif({Base.Make: "HUAWEI"})
    content = saved(Image.new("RGB", (side, side), BLUE), "JPEG", progressive=True, exif=claims)
    last = content.rindex(b"\xff\xda")
    return content[:-2] + content[last:-2] * count + content[-2:]
