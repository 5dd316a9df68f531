"""The schemas of the OpenAPI document: what the types say, and what depends on a `kind` or an `entity`."""

from collections.abc import Iterable
from typing import Any, get_args

import msgspec
from msgspec import Struct

from checklists.model import Status
from checklists.wire import PublishedChecklist
from inspect_api.errors import Code
from inspect_api.http.problems import ProblemDetails
from sync import entities, photo, task
from sync.commands import COMMANDS, KINDS
from sync.envelope import Operation

Schema = dict[str, Any]

REF = "#/components/schemas/{name}"
ENTITIES: dict[str, type[Struct]] = {
    "site": entities.Site,
    "enterprise": entities.Enterprise,
    "inspection": entities.Inspection,
    "hazard": entities.Hazard,
    "photo": photo.Photo,
    "notice": entities.Notice,
    "task": task.Task,
    "checklist": PublishedChecklist,
    "calendar": entities.Calendar,
}
"""What a pull may carry as `data`, by the name in `entity`."""


def components(types: Iterable[object]) -> tuple[dict[object, Schema], dict[str, Schema]]:
    """A schema for each of the types, and all the named ones that they refer to."""
    wanted = [*dict.fromkeys(types), ProblemDetails, Operation, *KINDS.values(), *ENTITIES.values()]
    wanted = list(dict.fromkeys(wanted))
    schemas, named = msgspec.json.schema_components(wanted, ref_template=REF, schema_hook=_anything)
    refs = dict(zip(wanted, schemas, strict=True))
    _depending(named["Operation"], "kind", "body", {kind: refs[body] for kind, body in KINDS.items()})
    _depending(named["CommandRequest"], "kind", "body", {kind: refs[body] for kind, body in COMMANDS.items()})
    _depending(named["Change"], "entity", "data", {name: refs[kind] for name, kind in ENTITIES.items()})
    named["Push"]["properties"]["ops"]["items"] = refs[Operation]
    published = named["PublishedChecklist"]  # its status depends on the day, so the type does not have it
    published["properties"]["status"] = {"enum": sorted(get_args(Status))}
    published["required"].append("status")
    named["ProblemDetails"]["properties"]["code"]["enum"] = sorted(code.wire for code in Code)
    return refs, named


def properties(kind: type[Struct]) -> tuple[dict[str, Schema], list[str]]:
    """The fields of a type, each with its schema, and the names of the required ones."""
    [top], named = msgspec.json.schema_components([kind], ref_template=REF)
    schema = named[top["$ref"].rpartition("/")[2]]
    return schema["properties"], schema.get("required", [])


def _depending(schema: Schema, on: str, field: str, choices: dict[str, Schema]) -> None:
    """Say that `field` is of another type for each value of `on`."""
    schema["properties"][on]["enum"] = sorted(choices)
    schema["properties"][field] = {}
    schema["oneOf"] = [
        {"properties": {on: {"const": value}, field: choices[value]}} for value in sorted(choices)
    ]


def _anything(_kind: type) -> Schema:
    """`object` and raw bytes of an operation: said by `_depending`."""
    return {"description": "any value"}
