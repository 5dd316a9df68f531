"""Which decoded values go into JSON and into MessagePack alike."""

DEEPEST = 64
"""Levels of nesting; a codec follows some hundreds, fewer the deeper it was called itself."""

_LEAVES = (str, float, bool, bytes, type(None))


def is_plain(value: object) -> bool:
    """Whether both encodings can show this: JSON types (and bytes, as base64), no deeper than DEEPEST."""
    level = [value]
    for _ in range(DEEPEST):
        if not level:
            return True
        if not all(map(_is_plain_itself, level)):
            return False
        level = [inner for outer in level for inner in _inside(outer)]
    return False


def _is_plain_itself(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value)
    if isinstance(value, int):
        return -(2**63) <= value < 2**64  # what MessagePack holds
    return isinstance(value, (list, *_LEAVES))


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
