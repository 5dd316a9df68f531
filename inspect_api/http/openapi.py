"""The OpenAPI 3.1 document, made from the table of routes; the list of problems, made from theirs."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from inspect_api.errors import Code
from inspect_api.http.encodings import JSON, MSGPACK, PROBLEM
from inspect_api.http.problems import ProblemDetails
from inspect_api.http.route import PUBLIC, Route
from inspect_api.http.routes import ROUTES
from inspect_api.http.schemas import Schema, components, properties
from sync.limits import PROTOCOL_MAX

_BYTES = (bytes, str, None)
_PARAMETERS: dict[str, Schema] = {
    "id": {"type": "string", "format": "uuid"},
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
_ALWAYS = (Code.MALFORMED_QUERY, Code.BUSY, Code.INTERNAL)
_WITH_LOGIN = (Code.UNAUTHORIZED, Code.FORBIDDEN)
_WITH_BODY = (
    Code.MALFORMED_BODY, Code.TOO_LARGE, Code.UNSUPPORTED_MEDIA, Code.INVALID_BODY, Code.BAD_TEXT,
)  # fmt: skip
_STREAMED = (Code.MALFORMED_BODY, Code.TOO_LARGE, Code.UNSUPPORTED_MEDIA)
_MEANINGS = {
    200: "Done",
    201: "New here",
    202: "Kept for later",
    204: "Done",
    206: "The part that was asked for",
    304: "You have it already",
    409: "Not as things stand",
    503: "Not now",
}


def document(examples: dict[str, object]) -> dict[str, Any]:
    """The whole document; `examples` are request bodies by name."""
    types = [kind for row in ROUTES for kind in (row.body, row.answers) if kind not in _BYTES]
    refs, named = components(types)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in ROUTES:
        paths[row.full_path][row.method.lower()] = _operation(row, refs, examples)
    told = {
        "openapi": "3.1.0",
        "info": {
            "title": "inspect-api",
            "version": str(PROTOCOL_MAX),
            "summary": "Mobile backend and data sync of a county's hazard inspections",
            "description": (
                "Bodies and answers are JSON or MessagePack, chosen by Content-Type and Accept; bodies may "
                "be gzip or zstd. Every error is a problem of docs/problems.md."
            ),
            "license": {"name": "See the repository"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(paths),
        "components": {
            "schemas": {name: named[name] for name in sorted(named)},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    plain: dict[str, Any] = json.loads(json.dumps(told))  # without tuples
    return plain


def read_examples(folder: Path) -> dict[str, object]:
    """Request bodies by the names of their files."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}


def problems_page() -> str:
    """docs/problems.md: the closed list of codes."""
    lines = [
        "# Problems",
        "",
        "Every error is `application/problem+json` (RFC 9457): `type` is `urn:inspect-api:problem:<code>`,",
        "beside it stand `title`, `status`, `detail`, `code`, `request_id` and `errors`, a list of",
        "`{pointer, code, detail}`. 429 and 503 always carry `Retry-After`, 413 the `limits`,",
        "426 the `protocol` versions that are served.",
        "The list is closed, and printed from `inspect_api/errors.py` by `make openapi`.",
        "",
        "| status | code | meaning |",
        "|---|---|---|",
    ]
    codes = sorted(Code, key=lambda code: (code.status, code.wire))
    return "\n".join([*lines, *(f"| {code.status} | `{code.wire}` | {code.title} |" for code in codes), ""])


def _operation(row: Route, refs: dict[object, Schema], examples: dict[str, object]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": _name(row),
        "summary": row.summary,
        "tags": [row.path.split("/")[1]],
        "parameters": [*_path_parameters(row), *_query_parameters(row)],
        "responses": {**_answers(row, refs), **_problems(row, refs)},
        "security": [] if row.roles is PUBLIC else [{"token": []}],
    }
    if row.roles is not PUBLIC:
        told["x-roles"] = sorted(row.roles)
    if row.body is not None:
        content: dict[str, Any] = {"schema": refs[row.body]}
        shown = {name: {"value": examples[name]} for name in row.examples}
        told["requestBody"] = {
            "required": True,
            "content": {JSON: {**content, **({"examples": shown} if shown else {})}, MSGPACK: content},
        }
    elif row.streams or row.deposits:
        told["requestBody"] = {"required": True, "content": {"*/*": {"schema": {}}}}
    return told


def _answers(row: Route, refs: dict[object, Schema]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status in (row.status, *row.also):
        answer: dict[str, Any] = {"description": _MEANINGS[status]}
        if row.answers not in _BYTES and status not in (204, 304):
            schema = {"schema": refs[row.answers]}
            answer["content"] = {JSON: schema, MSGPACK: schema}
        elif row.media_type and status != 304:
            answer["content"] = {row.media_type: {"schema": {"type": "string"} if row.answers is str else {}}}
        found[str(status)] = answer
    return found


def _problems(row: Route, refs: dict[object, Schema]) -> dict[str, Any]:
    codes = [] if row.at_root else [*_ALWAYS, *row.problems]
    codes += _WITH_LOGIN if row.roles is not PUBLIC else ()
    codes += _WITH_BODY if row.body is not None else _STREAMED if row.streams else ()
    by_status: dict[int, set[str]] = defaultdict(set)
    for code in codes:
        by_status[code.status].add(code.wire)
    found: dict[str, Any] = {}
    for status, names in sorted(by_status.items()):
        schema = {"allOf": [refs[ProblemDetails], {"properties": {"code": {"enum": sorted(names)}}}]}
        told: dict[str, Any] = {
            "description": ", ".join(sorted(names)),
            "content": {PROBLEM: {"schema": schema}},
        }
        if status in (429, 503):
            told["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
        if str(status) in map(str, row.also):  # an outcome or a problem, told apart by the content type
            told["content"] |= _answers(row, refs)[str(status)].get("content", {})
        found[str(status)] = told
    return found


def _path_parameters(row: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PARAMETERS.get(name, {"type": "string"})}
        for name in re.findall(r"\{(\w+)\}", row.path)
    ]


def _query_parameters(row: Route) -> list[dict[str, Any]]:
    if row.query is None:
        return []
    fields, required = properties(row.query)
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _not_null(schema)}
        for name, schema in fields.items()
    ]


def _not_null(schema: Schema) -> Schema:
    """A parameter is left out; it is never null."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    return choices[0] if len(choices) == 1 else schema


def _name(row: Route) -> str:
    words = re.sub(r"[{}]", "", row.path).strip("/").replace("/", "_").replace("-", "_")
    return f"{row.method.lower()}_{words}"
