"""A phone hands in what it captured."""

from inspect_api.actions.receive_push import receive_push
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from sync.envelope import Push, PushAnswer


def push(work: Work, asked: Asked) -> PushAnswer:
    """Every operation of the batch gets exactly one outcome."""
    return receive_push(work, asked.body_as(Push), asked.encoding, asked.app.here)
