"""Files of a checkout that are written from the code: `inspect-api openapi`, `inspect-api lifecycle`."""

import json

import click

from inspect_api.domain.lifecycle_page import lifecycle_page
from inspect_api.http.openapi import document, problems_page, read_examples
from inspect_api.store.revisions import REVISIONS

_ROOT = REVISIONS.parent


@click.command()
def openapi() -> None:
    """Write openapi/openapi.json and docs/problems.md anew, in a checkout."""
    told = document(read_examples(_ROOT / "openapi" / "examples"))
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=False)
    (_ROOT / "openapi" / "openapi.json").write_text(text + "\n", encoding="utf-8")
    (_ROOT / "docs" / "problems.md").write_text(problems_page(), encoding="utf-8")


@click.command()
def lifecycle() -> None:
    """Write docs/lifecycle.md anew from the table of moves, in a checkout."""
    (_ROOT / "docs" / "lifecycle.md").write_text(lifecycle_page(), encoding="utf-8")
