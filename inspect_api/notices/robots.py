"""Group robots of DingTalk, WeCom and Feishu, through apprise.

Apprise says that it worked when the status is 200. These services answer 200 to what they refuse too and say
so in the body, so the body decides here.
"""

from typing import Any

import msgspec

from inspect_api.notices import egress
from inspect_api.notices.apprise_doors import plugin
from inspect_api.notices.channels import Channel
from inspect_api.notices.message import Message, Outcome

_WECOM_BYTES = 2000
_PASSING = {
    -1, 130101, 130102, 410100,  # DingTalk: busy, too fast
    45009, 45033,                # WeCom: too many calls
    11232,                       # Feishu: too fast
}  # fmt: skip


class _Answer(msgspec.Struct):
    errcode: int | None = None
    code: int | None = None
    StatusCode: int | None = None


def send(channel: Channel, message: Message) -> Outcome:
    """Post the notice into the robot's group, calling the receiver where his number is known."""
    robot = plugin(_description(channel, message))
    title, text = f"{message.title}（{message.receiver_name}）", f"{message.text}\n编号：{message.number}"
    if channel.kind == "wecom":
        text = _cut(text, _WECOM_BYTES - len(title.encode()))
    robot.notify(body=text, title=title, body_format="text")
    http = egress.current().http
    if http is None:
        return Outcome("failed", "no answer")
    return _judge(http)


def _description(channel: Channel, message: Message) -> dict[str, Any]:
    token = channel.secrets["token"]
    if channel.kind == "dingtalk":
        given = {"schema": "dingtalk", "token": token, "secret": channel.secrets.get("secret")}
        return given | ({"targets": [message.mobile]} if message.mobile else {})
    return (
        {"schema": "wecombot", "key": token}
        if channel.kind == "wecom"
        else {"schema": "feishu", "token": token}
    )


def _judge(http: egress.HttpAnswer) -> Outcome:
    if http.status != 200:
        is_passing = http.status in (408, 425, 429) or http.status >= 500
        return Outcome(
            "failed" if is_passing else "refused", f"{http.status} {http.text}", None, http.retry_after
        )
    try:
        said = msgspec.json.decode(http.text, type=_Answer)
    except msgspec.DecodeError:
        return Outcome("failed", f"200 {http.text}")
    codes = [each for each in (said.errcode, said.code, said.StatusCode) if each is not None]
    if codes and not any(codes):
        return Outcome("handed_over", http.text)
    is_passing = not codes or any(each in _PASSING for each in codes)
    return Outcome("failed" if is_passing else "refused", http.text)


def _cut(text: str, most: int) -> str:
    return text.encode()[: max(most, 0)].decode("utf-8", "ignore")
