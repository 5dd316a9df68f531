"""Text messages: any gateway that takes one HTTP call with fixed credentials, described as data."""

import re
from collections.abc import Mapping
from urllib.parse import quote_plus

import msgspec

from inspect_api.notices import egress
from inspect_api.notices.channels import Channel, Format
from inspect_api.notices.message import Message, Outcome

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_READ = 4096
_TYPES: Mapping[Format, str] = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


def send(channel: Channel, message: Message) -> Outcome:
    """Ask the gateway. Only an answer in which `accepted` is found counts as one."""
    gateway = channel.gateway
    assert gateway is not None  # noqa: S101 - a channel of this kind has one
    values = dict(channel.secrets) | {
        "mobile": message.address, "number": message.number, "title": message.title, "text": message.text,
    }  # fmt: skip
    headers = {"Content-Type": f"{_TYPES[gateway.format]}; charset=utf-8", "Idempotency-Key": message.number}
    headers |= {name: _filled(text, values) for name, text in gateway.headers.items()}
    escaped = {name: _escaped(value, gateway.format) for name, value in values.items()}
    egress.call(gateway.method, gateway.url, _filled(gateway.body, escaped).encode(), headers)
    http = egress.current().http
    assert http is not None  # noqa: S101 - the call ended well
    answer = f"{http.status} {http.text}"
    found = gateway.accepted.search(http.text[:_READ]) if 200 <= http.status < 300 else None
    if found:
        return Outcome("handed_over", answer, found.groupdict().get("proof"))
    is_refused = 300 <= http.status < 500 and http.status not in (408, 425, 429)
    return Outcome("refused" if is_refused else "failed", answer, None, http.retry_after)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """In one pass: what stands in for a placeholder is never looked at for others."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def _escaped(value: str, form: Format) -> str:
    return msgspec.json.encode(value).decode()[1:-1] if form == "json" else quote_plus(value)
