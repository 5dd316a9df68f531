"""The county's channels, read from its own YAML file (`CHANNELS_FILE`); docs/notices.md describes it.

The order in the file is the order in which a receiver's channels are tried. A text `env:NAME` stands for the
value of that environment variable, so that the file itself need hold no secret.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal, get_args
from urllib.parse import urlsplit

from inspect_api.domain.rulefiles import Faults, Table, read_table
from inspect_api.notices.webhook_secret import secret_bytes

Kind = Literal["dingtalk", "wecom", "feishu", "email", "webhook", "sms"]
Security = Literal["ssl", "starttls", "none"]
Format = Literal["json", "form"]
Network = IPv4Network | IPv6Network
ROLES = ("inspector", "officer", "regulator", "enterprise", "expert")
CONTACTS: Mapping[Kind, Literal["email", "mobile"]] = {"email": "email", "sms": "mobile"}
"""Kinds that write to a person, with the address of his that each needs; the others have their own."""

_ROBOTS_A_MINUTE: Mapping[Kind, int] = {"dingtalk": 20, "wecom": 20, "feishu": 100}
"""What these services take of one robot; beyond it they refuse, DingTalk for ten minutes."""

_TOKEN = {
    "dingtalk": re.compile(r"[A-Za-z0-9]{1,200}"),
    "wecom": re.compile(r"[A-Za-z0-9_-]{1,200}"),
    "feishu": re.compile(r"[A-Za-z0-9_-]{1,200}"),
}
_PLACE = re.compile(r"[0-9]{2,24}")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_MAILBOX = re.compile(r"[^\s@<>,;\"]{1,64}@[A-Za-z0-9.-]{1,190}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is handed over, and as whom."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Gateway:
    """An SMS gateway's request. In `body` and `headers`, `{mobile}`, `{number}`, `{title}`, `{text}` and the
    names of secrets stand for their values; `accepted` is found in the answer when the message was taken on,
    and its group `proof`, if it has one, is the gateway's number for it.
    """

    method: Literal["POST", "PUT"]
    url: str
    headers: Mapping[str, str]
    format: Format
    body: str
    accepted: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to reach people. Empty `roles`, `regions` and `users` mean everybody."""

    name: str
    kind: Kind
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    from_step: int = 1
    tries: int = 3
    timeout_s: int = 10
    at_once: int = 4
    per_minute: int | None = None
    private: tuple[Network, ...] = ()
    url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    mail: MailServer | None = field(default=None, repr=False)
    gateway: Gateway | None = field(default=None, repr=False)

    def serves(self, reader: "Reader", step: int | None) -> bool:
        """Whether it reaches this receiver with a notice of this step; those without a step always count."""
        if (step is not None and step < self.from_step) or (self.roles and reader.role not in self.roles):
            return False
        if self.users and reader.username not in self.users:
            return False
        if self.regions and not any(place.startswith(self.regions) for place in reader.places):
            return False
        contact = CONTACTS.get(self.kind)
        return contact is None or contact in reader.contacts

    def masked(self, text: str, *addresses: str) -> str:
        """The text without this channel's secrets and these addresses."""
        for secret in sorted((*self.secrets.values(), *addresses), key=len, reverse=True):
            if secret:
                text = text.replace(secret, "***")
        return text


@dataclass(frozen=True, slots=True)
class Reader:
    """A receiver as channels see him: the codes of the places that he was given, his addresses by kind."""

    username: str
    role: str
    places: tuple[str, ...]
    contacts: Mapping[str, str]


def read_channels(text: str, file: str, env: Mapping[str, str] | None = None) -> tuple[Channel, ...]:
    """RuleFileError with every mistake, by line and field."""
    faults = Faults(file)
    top = read_table(text, faults)
    known = os.environ if env is None else env
    tables = top.tables("channels")
    channels = [_read_channel(table, known) for table in tables]
    top.end()
    seen: set[str] = set()
    for channel, table in zip(channels, tables, strict=True):
        if channel.name in seen:
            table.wrong("name", "there is another channel of this name above")
        seen.add(channel.name)
    faults.check()
    return tuple(channels)


def is_mailbox(address: str) -> bool:
    """One plain address: what could be read as two, or as another header, is none."""
    return bool(_MAILBOX.fullmatch(address)) and address.isprintable()


def _read_channel(table: Table, env: Mapping[str, str]) -> Channel:
    kind: Kind = table.choice("kind", get_args(Kind))
    if table.faulty:
        return Channel(name="", kind=kind)  # what is missing or too much depends on the kind
    name = table.text("name")
    if not _NAME.fullmatch(name):
        table.wrong("name", "lower-case letters, digits and hyphens, 32 at most")
    secrets = _secrets(table, kind, env)
    channel = Channel(
        name=name,
        kind=kind,
        roles=table.choices("roles", ROLES) if table.has("roles") else (),
        regions=_places(table),
        users=table.texts("users") if table.has("users") else (),
        from_step=_number(table, "from_step", 1, 7, 1),
        tries=_number(table, "tries", 1, 10, 3),
        timeout_s=_number(table, "timeout", 1, 30, 10),
        at_once=_number(table, "at_once", 1, 32, 4),
        per_minute=_number(table, "per_minute", 1, 100_000, 0) or _ROBOTS_A_MINUTE.get(kind),
        private=_networks(table),
        url=_url(table, "url", kind) if kind == "webhook" or table.has("url") else "",
        secrets=secrets,
        mail=_mail(table, secrets) if kind == "email" else None,
        gateway=_gateway(table) if kind == "sms" else None,
    )
    table.end()
    return channel


def _secrets(table: Table, kind: Kind, env: Mapping[str, str]) -> dict[str, str]:
    if kind in ("dingtalk", "wecom", "feishu"):
        token = _secret(table, "token", env)
        if token and not _TOKEN[kind].fullmatch(token):
            table.wrong(
                "token", "is not the token of a robot: copy only what follows the last = or / of its address"
            )
        found = {"token": token}
        if kind == "dingtalk" and table.has("secret"):
            found["secret"] = _secret(table, "secret", env)
        return found
    if kind == "webhook":
        secret = _secret(table, "secret", env)
        if secret and secret_bytes(secret) is None:
            table.wrong("secret", "must be whsec_ and 24 to 64 bytes in base64")
        return {"secret": secret}
    if kind == "email":
        return {"password": _secret(table, "password", env)} if table.has("password") else {}
    if not table.has("secrets"):
        return {}
    given = table.table("secrets")
    found = {name: _secret(given, name, env) for name in given.names()}
    given.end()
    return found


def _secret(table: Table, name: str, env: Mapping[str, str]) -> str:
    text = table.text(name)
    if not text.startswith("env:"):
        return text
    value = env.get(text[4:], "")
    if not value:
        table.wrong(name, f"the environment has no {text[4:]}")
    return value


def _mail(table: Table, secrets: Mapping[str, str]) -> MailServer:
    sender = table.text("from")
    if sender and not is_mailbox(sender):
        table.wrong("from", "must be an address like yjj@example.gov.cn")
    security: Security = table.choice("security", get_args(Security))
    ports: Mapping[Security, int] = {"ssl": 465, "starttls": 587, "none": 25}
    return MailServer(
        host=table.text("host"),
        port=_number(table, "port", 1, 65535, ports[security]),
        security=security,
        sender=sender,
        user=table.text("user") if table.has("user") else "",
        password=secrets.get("password", ""),
    )


def _gateway(table: Table) -> Gateway:
    request = table.table("request")
    headers = request.table("headers") if request.has("headers") else None
    pattern = request.text("accepted")
    try:
        accepted = re.compile(pattern, re.DOTALL)
    except re.error as error:
        request.wrong("accepted", f"is not a regular expression: {error}")
        accepted = re.compile("")
    gateway = Gateway(
        method=request.choice("method", ("POST", "PUT")),
        url=_url(request, "url", "sms"),
        headers={name: headers.text(name) for name in headers.names()} if headers else {},
        format=request.choice("format", get_args(Format)),
        body=request.text("body"),
        accepted=accepted,
    )
    for name in gateway.headers if headers else ():
        if not _HEADER.fullmatch(name):
            request.wrong("headers", f"{name!r} is not the name of a header")
    request.end()
    return gateway


def _url(table: Table, name: str, kind: Kind) -> str:
    url = table.text(name)
    try:
        parts = urlsplit(url)
        is_sound = bool(parts.hostname) and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or parts.username is not None or parts.fragment:
        table.wrong(name, "must be an http(s) address without user, password or fragment")
    elif parts.scheme == "http" and kind != "sms" and not table.has("private_networks"):
        table.wrong(name, "must be https; http only where private_networks are given")
    return url


def _places(table: Table) -> tuple[str, ...]:
    places = table.texts("regions") if table.has("regions") else ()
    for place in places:
        if not _PLACE.fullmatch(place):
            table.wrong("regions", f"{place!r} is not the code of a division or grid")
    return places


def _networks(table: Table) -> tuple[Network, ...]:
    if not table.has("private_networks"):
        return ()
    found: list[Network] = []
    for text in table.texts("private_networks"):
        try:
            found.append(ip_network(text))
        except ValueError:
            table.wrong("private_networks", f"{text!r} is not a network like 10.20.0.0/16")
    return tuple(found)


def _number(table: Table, name: str, least: int, most: int, otherwise: int) -> int:
    return table.number(name, least, most) if table.has(name) else otherwise
