"""Text in a cell of a spreadsheet: shown as it stands, never run.

What Excel, WPS and LibreOffice may take for a formula begins with one of these signs, also full-width ones
and behind white space (OWASP, CSV Injection).
"""

_BEGINS_A_FORMULA = frozenset("=+-@|%\t\r\n＝＋－＠")


def may_run(text: str) -> bool:
    """Whether a spreadsheet may take this for a formula."""
    return text[:1] in _BEGINS_A_FORMULA or text.lstrip()[:1] in _BEGINS_A_FORMULA


def quoted(text: str) -> str:
    """For CSV, in which a cell has no type: what might run begins with an apostrophe."""
    return f"'{text}" if may_run(text) else text
