"""Files of experts: a draft as YAML, written whole or not at all."""

import os
import tempfile
from decimal import Decimal
from pathlib import Path

import msgspec
import yaml

from checklists.model import Checklist


class AlreadyThere(Exception):
    """A file would be written over that may be somebody's work."""


def draft_yaml(checklist: Checklist) -> str:
    """A checklist as YAML that the strict loading takes."""
    plain = msgspec.to_builtins(checklist)
    text: str = yaml.dump(
        plain, Dumper=_Plainly, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None
    )
    return text


class _Plainly(yaml.SafeDumper):
    """Numbers as an expert writes them: 2 and not 2.0, 0.00001 and not 1.0e-05."""


def _number(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    if value.is_integer():
        return dumper.represent_scalar("tag:yaml.org,2002:int", f"{value:.0f}")
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{Decimal(repr(value)):f}")


_Plainly.add_representer(float, _number)


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
