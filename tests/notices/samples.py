"""A channels file with one channel of every kind, on loopback, and a message."""

from datetime import UTC, datetime
from uuid import UUID

from inspect_api.notices.channels import Channel, read_channels
from inspect_api.notices.message import Message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOOPBACK = "private_networks: [127.0.0.0/8]"
MESSAGE = Message(
    number="652327-T-261121-7F3K9QAB",
    kind="step",
    step=2,
    title="督办：隐患 652327-261121-TQ4PBU",
    text='隐患（“东侧”罐区\n围堰 "破损" {key}）已超期，现予督办。',
    hazard_id=UUID("0192d0c1-0000-7000-8000-000000000001"),
    receiver_id=UUID("0192d0c1-0000-7000-8000-000000000002"),
    receiver_name="王建国",
    created_at=datetime(2026, 11, 21, 1, tzinfo=UTC),
    answer_due_at=None,
    sent_at=datetime(2026, 11, 21, 1, 0, 30, tzinfo=UTC),
    address="wang@example.cn",
    mobile="13812345678",
)


def robot(kind: str, url: str, more: str = "") -> str:
    return f"- {{name: {kind}, kind: {kind}, token: tokenabc123, url: '{url}', {LOOPBACK}{more}}}\n"


def hook(url: str, more: str = LOOPBACK) -> str:
    return f"- {{name: hook, kind: webhook, url: '{url}', secret: {SECRET}, {more}}}\n"


def post(port: int, more: str = "") -> str:
    return (
        f"- {{name: mail, kind: email, host: 127.0.0.1, port: {port}, security: none, "
        f"from: yjj@example.gov.cn{more}}}\n"
    )


def sms(
    url: str, body: str = '{"to": "{mobile}", "text": "{text}", "id": "{number}"}', form: str = "json"
) -> str:
    return f"""- name: sms
  kind: sms
  secrets: {{key: s3cret-key}}
  {LOOPBACK}
  request:
    method: POST
    url: '{url}'
    headers: {{Authorization: "Bearer {{key}}"}}
    format: {form}
    body: '{body}'
    accepted: '"code":"OK".*"id":"(?P<proof>[^"]+)"'
"""


def channels(*entries: str) -> tuple[Channel, ...]:
    return read_channels("channels:\n" + "".join(entries), "channels.yaml", {})


def channel(entry: str) -> Channel:
    return channels(entry)[0]
