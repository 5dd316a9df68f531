"""E-mail through apprise: handed over when the county's mail server has answered DATA with 250."""

from inspect_api.notices import egress
from inspect_api.notices.apprise_doors import plugin
from inspect_api.notices.channels import Channel
from inspect_api.notices.message import Message, Outcome

_MODES = {"ssl": "ssl", "starttls": "starttls", "none": "insecure"}


def send(channel: Channel, message: Message) -> Outcome:
    """Hand it over under a Message-ID made of the notice's number: the same in every attempt."""
    server = channel.mail
    assert server is not None  # noqa: S101 - a channel of this kind has one
    description = {
        "schema": "mailto", "host": server.host, "smtp_host": server.host, "port": server.port,
        "user": server.user or None, "password": server.password or None, "from_addr": server.sender,
        "secure_mode": _MODES[server.security], "targets": [message.address], "format": "text",
        "headers": {"X-Notice-Number": message.number, "Auto-Submitted": "auto-generated"},
    }  # fmt: skip
    post = plugin(description)
    post.socket_connect_timeout = channel.timeout_s  # of every step, not of connecting alone
    text = f"{message.text}\n\n编号：{message.number}\n请登录系统查收并答复。"
    post.notify(body=text, title=" ".join(message.title.split()), body_format="text")
    attempt = egress.current()
    if attempt.smtp_accepted is not None:
        return Outcome("handed_over", attempt.smtp_accepted, attempt.key)
    if attempt.smtp_refusal is None:
        return Outcome("failed", "no answer")
    code, text = attempt.smtp_refusal
    return Outcome("refused" if code >= 500 else "failed", f"{code} {text}")
