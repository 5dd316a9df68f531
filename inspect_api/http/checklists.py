"""Checklists, and what answers to them mean."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from checklists.model import Evaluation
from inspect_api.actions import evaluate_checklist, list_checklists
from inspect_api.actions.list_checklists import ChecklistList, checklist_tag, find_checklist
from inspect_api.actions.reference import checklist_wire
from inspect_api.actions.work import Work
from inspect_api.http.asked import Answer, Asked
from sync import bodies


class EvaluateRequest(Struct, frozen=True, kw_only=True):
    """Answers, the facts of the site that conditions look at, and the inspection's day, today by default."""

    answers: Annotated[list[bodies.Answer], Meta(max_length=1000)]
    site: dict[str, str | float | bool | None] | None = None
    on: date | None = None


def list_them(work: Work, _asked: Asked) -> ChecklistList:
    """GET /checklists"""
    return list_checklists.list_checklists(work)


def show(work: Work, asked: Asked) -> Answer:
    """GET /checklists/{code}/{version}; 304 to a phone that has it already."""
    entry = find_checklist(asked.text("code"), asked.text("version"))
    # weak: one tag for the JSON and the MessagePack form
    tag = f"W/{checklist_tag(entry, work)}"
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if _has(asked.if_none_match, tag):
        return Answer(None, 304, headers)
    return Answer(checklist_wire(entry, work), 200, headers)


def evaluate(work: Work, asked: Asked) -> Evaluation:
    """POST /checklists/{code}/{version}/evaluate"""
    body = asked.body_as(EvaluateRequest)
    return evaluate_checklist.evaluate_checklist(
        work, asked.text("code"), asked.text("version"), body.answers, body.site, body.on
    )


def _has(if_none_match: str, tag: str) -> bool:
    """Whether the header names the tag (RFC 9110, 13.1.2: compared weakly)."""
    named = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in named or tag.removeprefix("W/") in named
