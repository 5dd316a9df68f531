"""Pictures for the demo: small plausible JPEGs of a camera that stamps them, the same for the same words."""

import io
import random
from datetime import datetime

from PIL import Image, ImageDraw, ImageFont
from PIL.ExifTags import GPS, IFD, Base

from inspect_api.domain.calendar import CIVIL
from sync.bodies import Position

_SIZE = (320, 240)
_QUALITY = 70
_STAMP_HEIGHT = 14


def take_picture(caption: str, at: datetime, position: Position | None = None) -> bytes:
    """A JPEG with EXIF time (of China) and place; the words of the caption decide what it shows."""
    dice = random.Random(f"{caption} {at.isoformat()}")
    picture = _background(dice)
    draw = ImageDraw.Draw(picture)
    for _ in range(dice.randint(4, 9)):
        _draw_thing(draw, dice)
    _stamp(draw, at, dice)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY, exif=_exif(at, position))
    return file.getvalue()


def _background(dice: random.Random) -> Image.Image:
    """Something above that pales towards something below: a sky, a wall, the roof of a gallery."""
    above = tuple(dice.randint(60, 200) for _ in range(3))
    below = tuple(dice.randint(30, 140) for _ in range(3))
    slope = Image.linear_gradient("L").resize(_SIZE)
    return Image.composite(Image.new("RGB", _SIZE, below), Image.new("RGB", _SIZE, above), slope)


def _draw_thing(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    width, height = _SIZE
    left, top = dice.randint(0, width - 60), dice.randint(height // 4, height - 60)
    box = (left, top, left + dice.randint(30, 160), top + dice.randint(30, 120))
    colour = tuple(dice.randint(20, 235) for _ in range(3))
    shape = dice.choice((draw.rectangle, draw.ellipse))
    shape(box, fill=colour, outline=(20, 20, 20))


def _stamp(draw: ImageDraw.ImageDraw, at: datetime, dice: random.Random) -> None:
    text = f"{at.astimezone(CIVIL):%Y-%m-%d %H:%M:%S}  DEMO {dice.randint(1000, 9999)}"
    place = (10, _SIZE[1] - 2 * _STAMP_HEIGHT)
    font = ImageFont.load_default(_STAMP_HEIGHT)
    draw.text(place, text, font=font, fill=(255, 210, 60), stroke_width=1, stroke_fill=(0, 0, 0))


def _exif(at: datetime, position: Position | None) -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = "Demo", "Phone 1"
    exif[Base.Orientation] = 1
    exif.get_ifd(IFD.Exif).update(
        {
            Base.DateTimeOriginal: f"{at.astimezone(CIVIL):%Y:%m:%d %H:%M:%S}",
            Base.OffsetTimeOriginal: "+08:00",
        }
    )
    if position is not None:
        exif.get_ifd(IFD.GPSInfo).update(
            {
                GPS.GPSLatitudeRef: "N" if position.lat >= 0 else "S",
                GPS.GPSLatitude: _sexagesimal(position.lat),
                GPS.GPSLongitudeRef: "E" if position.lon >= 0 else "W",
                GPS.GPSLongitude: _sexagesimal(position.lon),
            }
        )
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds (CIPA DC-008: three rationals)."""
    minutes, seconds = divmod(round(abs(degrees) * 3600, 2), 60)
    whole, minutes = divmod(minutes, 60)
    return whole, minutes, seconds
