"""No receiver's address makes the server call where it must not (faults.md I4)."""

import socket
from typing import Any

import pytest

from inspect_api.notices import egress
from inspect_api.notices.sending import send
from tests.notices.receivers import HttpReceiver
from tests.notices.samples import LOOPBACK, MESSAGE, channel, hook, robot

PUBLIC = "private_networks: [203.0.113.0/24]"  # allows http in the file, and none of the addresses below
TRAPS = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0",  # noqa: S104
    "localhost", "[::1]", "[::]", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "192.0.0.192", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:127.0.0.1]",
    "[::ffff:a00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]",
    "224.0.0.1", "255.255.255.255", "[ff02::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", TRAPS)
def test_an_address_that_is_not_public_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    def connect(*_: object) -> None:
        raise AssertionError(f"connected to {host}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    assert send(channel(hook(f"http://{host}:8080/", PUBLIC)), MESSAGE).result in ("refused", "failed")
    egress_of_apprise = robot("feishu", f"http://{host}:8080").replace(LOOPBACK, PUBLIC)
    assert send(channel(egress_of_apprise), MESSAGE).result in ("refused", "failed")


def test_the_receiver_is_reached_once_its_network_is_allowed(http: HttpReceiver) -> None:
    refused = send(channel(hook(http.url, PUBLIC)), MESSAGE)
    assert (refused.result, refused.answer) == (
        "refused",
        "127.0.0.1 is no public address, and not in private_networks",
    )
    assert http.got == []
    assert send(channel(hook(http.url)), MESSAGE).result == "handed_over"


def test_a_name_that_changes_between_looking_and_connecting(
    http: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Resolved once: the second answer, which a rebinding server would give, is never asked for."""
    port = int(http.url.rpartition(":")[2])
    answers = ["203.0.113.7", "127.0.0.1"]
    asked: list[str] = []
    tried: list[object] = []

    def resolve(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[len(asked) - 1], port))]

    def connect(_socket: socket.socket, where: object) -> None:
        tried.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(egress.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    assert send(channel(hook(f"http://rebind.example:{port}", PUBLIC)), MESSAGE).result == "failed"
    assert asked == ["rebind.example"]
    assert tried == [("203.0.113.7", port)]


def test_of_a_names_addresses_only_the_public_ones_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    mixed = ["10.0.0.1", "203.0.113.9", "127.0.0.1"]
    monkeypatch.setattr(
        egress.socket, "getaddrinfo",
        lambda *_a, **_k: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in mixed],
    )  # fmt: skip

    def connect(_socket: socket.socket, where: object) -> None:
        tried.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    send(channel(hook("http://mixed.example", PUBLIC)), MESSAGE)
    assert tried == [("203.0.113.9", 80)]


def test_a_redirect_to_a_forbidden_place_is_not_followed(http: HttpReceiver) -> None:
    http.answer = lambda _got: (307, {"Location": "http://169.254.169.254/latest/meta-data/"}, b"")
    assert send(channel(hook(http.url)), MESSAGE) == ("refused", "307", None, 0)
    assert len(http.got) == 1


def test_no_proxy_of_the_environment_is_asked(http: HttpReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, http.url)
    send(channel(hook("http://203.0.113.1", PUBLIC + ", timeout: 1")), MESSAGE)
    assert http.got == []


def test_nothing_goes_out_unwatched() -> None:
    with pytest.raises(LookupError):
        egress.call("POST", "http://203.0.113.1", b"", {})
