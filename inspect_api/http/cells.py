"""Text in a cell of a spreadsheet: shown as it stands, never run.

What Excel, WPS and LibreOffice may take for a formula begins with one of these signs, also full-width ones
and behind what is not seen: white space and format characters such as the byte order mark (OWASP, CSV
Injection).
"""

import re
from unicodedata import category

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""A workbook's media type."""

_BEGINS_A_FORMULA = frozenset("=+-@|%\t\r\n＝＋－＠")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def may_run(text: str) -> bool:
    """Whether a spreadsheet may take this for a formula."""
    first = text[:1]
    if first.isalnum() or not first:
        return False
    if first in _BEGINS_A_FORMULA:
        return True
    seen = next((sign for sign in text if not (sign.isspace() or category(sign) == "Cf")), "")
    return seen in _BEGINS_A_FORMULA


def quoted(text: str) -> str:
    """For CSV, in which a cell has no type: what might run begins with an apostrophe."""
    return f"'{text}" if may_run(text) else text


def in_xml(text: str) -> str:
    """For a workbook: without what XML 1.0 (2.2) has no room for; with one such sign nothing opens it."""
    return _NOT_IN_XML.sub("", text)
