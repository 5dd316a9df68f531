"""What everything that experts write has in common."""

from msgspec import Struct


class Authored(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What experts write: an unknown key is an error, an empty field is left out on the wire."""


class Text(Authored, frozen=True):
    """One text in Chinese and English."""

    zh: str
    en: str
