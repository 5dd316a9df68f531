"""What an operator at a terminal is told when something cannot work."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError

from inspect_api.demo.broken import StoryBroken
from inspect_api.domain.rulefiles import RuleFileError
from inspect_api.errors import Refusal
from inspect_api.media.blobs import BlobStoreDown
from inspect_api.settings import SettingsError
from inspect_api.store.copies import BackupUnusable, InUse
from inspect_api.store.database import UnsafeDurability
from inspect_api.store.instance import NeverServed
from inspect_api.store.revisions import NotMigrated, RevisionsMissing
from inspect_api.store.signing_keys import SigningKeyUnusable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_CANNOT_START = (
    SettingsError,
    UnsafeDurability,
    NotMigrated,
    RevisionsMissing,
    SigningKeyUnusable,
    BlobStoreDown,
    StoryBroken,
    RuleFileError,
    NeverServed,
    InUse,
    BackupUnusable,
    OSError,
    Refusal,
)


def plainly(command: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """What the operator can mend is one line, not a traceback."""

    @wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except _CANNOT_START as error:
            click.echo(f"inspect-api: {error}", err=True)
        except OperationalError as error:
            click.echo(f"inspect-api: the database does not answer: {_first_line(error)}", err=True)
        sys.exit(2)

    return run


def _first_line(error: OperationalError) -> str:
    return str(error.orig).strip().partition("\n")[0]
