"""A county's or an enterprise's own system is told, signed as Standard Webhooks has it."""

import msgspec

from inspect_api.notices import egress
from inspect_api.notices.channels import Channel
from inspect_api.notices.message import Message, Outcome
from inspect_api.notices.webhook_secret import secret_bytes, signed_headers


def send(channel: Channel, message: Message) -> Outcome:
    """POST one event. Any 2xx is a success, a redirect is not followed, 410 means never again."""
    key = secret_bytes(channel.secrets["secret"])
    assert key is not None  # noqa: S101 - reading the file has seen to it
    body = msgspec.json.encode(
        {
            "type": "notice.created",
            "timestamp": message.created_at,
            "data": {
                "number": message.number,
                "kind": message.kind,
                "step": message.step,
                "title": message.title,
                "text": message.text,
                "hazard_id": message.hazard_id,
                "receiver": {"id": message.receiver_id, "name": message.receiver_name},
                "answer_due_at": message.answer_due_at,
            },
        }
    )
    headers = {"Content-Type": "application/json", "User-Agent": "inspect-api"}
    headers |= signed_headers(key, message.number, message.sent_at, body)
    egress.call("POST", channel.url, body, headers)
    http = egress.current().http
    assert http is not None  # noqa: S101 - the call ended well
    answer = f"{http.status} {http.text}"
    if 200 <= http.status < 300:
        return Outcome("handed_over", answer)
    is_passing = http.status in (408, 425, 429) or http.status >= 500
    return Outcome("failed" if is_passing else "refused", answer, None, http.retry_after)
