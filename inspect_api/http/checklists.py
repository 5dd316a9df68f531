"""Checklists, and what answers to them mean."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from checklists.model import Evaluation
from inspect_api.actions import evaluate_checklist, list_checklists
from inspect_api.actions.list_checklists import checklist_tag, find_checklist, list_tag
from inspect_api.actions.reference import checklist_wire
from inspect_api.actions.work import Work
from inspect_api.http.asked import Answer, Asked
from inspect_api.http.lists import CursorText, Limit
from sync import bodies


class EvaluateRequest(Struct, frozen=True, kw_only=True):
    """Answers, the facts of the site that conditions look at, and the inspection's day, today by default."""

    answers: Annotated[list[bodies.Answer], Meta(max_length=1000)]
    site: dict[str, str | float | bool | None] | None = None
    on: date | None = None


class ChecklistQuery(Struct, frozen=True, kw_only=True):
    limit: Limit = 200
    cursor: CursorText | None = None


def list_them(work: Work, asked: Asked) -> Answer:
    """GET /checklists; 304 to a phone for which nothing has changed."""
    query = asked.query_as(ChecklistQuery)
    listed = list_checklists.list_checklists(work, query.limit, query.cursor)
    return _unless_known(asked, list_tag(listed), lambda: listed)


def show(work: Work, asked: Asked) -> Answer:
    """GET /checklists/{code}/{version}; 304 to a phone that has it already."""
    entry = find_checklist(work, asked.text("code"), asked.text("version"))
    return _unless_known(asked, checklist_tag(entry, work), lambda: checklist_wire(entry, work))


def evaluate(work: Work, asked: Asked) -> Evaluation:
    """POST /checklists/{code}/{version}/evaluate"""
    body = asked.body_as(EvaluateRequest)
    return evaluate_checklist.evaluate_checklist(
        work, asked.text("code"), asked.text("version"), body.answers, body.site, body.on
    )


def _unless_known(asked: Asked, tag: str, body: Callable[[], object]) -> Answer:
    # weak: one tag for the JSON and the MessagePack form
    headers = {"ETag": f"W/{tag}", "Cache-Control": "private, no-cache"}
    if _has(asked.if_none_match, tag):
        return Answer(None, 304, headers)
    return Answer(body(), 200, headers)


def _has(if_none_match: str, tag: str) -> bool:
    """Whether the header names the tag (RFC 9110, 13.1.2: compared weakly)."""
    named = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in named or tag in named
