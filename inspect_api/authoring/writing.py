"""Files of experts: a draft as YAML, written whole or not at all."""

import os
import tempfile
from pathlib import Path

import msgspec
import yaml

from checklists.model import Checklist


class AlreadyThere(Exception):
    """A file would be written over that may be somebody's work."""


def draft_yaml(checklist: Checklist) -> str:
    """A checklist as YAML that the strict loading takes."""
    plain = msgspec.to_builtins(checklist)
    text: str = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None)
    return text


def write_new(path: Path, content: bytes, *, replace: bool) -> None:
    """Under a name of its own first: nobody ever finds half of it. Raises AlreadyThere, OSError."""
    if path.exists() and not replace:
        raise AlreadyThere(f"{path} is there already; --replace writes over it")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
