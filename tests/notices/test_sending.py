"""Each kind of channel against a real receiver; what counts as handed over, and what no answer may show."""

import base64
import hashlib
import hmac
import json
import logging
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from inspect_api.notices.sending import send
from tests.launching import free_port
from tests.notices.receivers import HttpReceiver, MailReceiver, silent_port
from tests.notices.samples import LOOPBACK, MESSAGE, SECRET, channel, hook, post, robot, sms


def test_a_signed_dingtalk_robot_calls_the_receiver(http: HttpReceiver) -> None:
    outcome = send(channel(robot("dingtalk", http.url, ", secret: SECabc123")), MESSAGE)
    assert outcome.result == "handed_over"
    (got,) = http.got
    asked = parse_qs(urlsplit(got.path).query, strict_parsing=True)
    assert urlsplit(got.path).path == "/robot/send"
    stamp, key = asked["timestamp"][0], b"SECabc123"
    digest = hmac.new(key, f"{stamp}\nSECabc123".encode(), hashlib.sha256).digest()
    assert asked["sign"] == [base64.b64encode(digest).decode()]  # escaped once, not twice
    body = json.loads(got.body)
    assert body["at"]["atMobiles"] == ["13812345678"]
    assert MESSAGE.number in body["text"]["content"]
    assert "王建国" in body["text"]["content"]


@pytest.mark.parametrize("kind", ["wecom", "feishu"])
def test_the_other_robots(http: HttpReceiver, kind: str) -> None:
    assert send(channel(robot(kind, http.url)), MESSAGE).result == "handed_over"
    assert "tokenabc123" in http.got[0].path
    assert MESSAGE.number in str(json.loads(http.got[0].body))


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (200, b'{"errcode":310000,"errmsg":"sign not match"}', "refused"),
        (200, b'{"errcode":130101,"errmsg":"send too fast"}', "failed"),
        (200, b'{"code":19024,"msg":"Key Words Not Found"}', "refused"),
        (200, b"<html>login</html>", "failed"),
        (200, b"{}", "failed"),
        (502, b"bad gateway", "failed"),
        (429, b"", "failed"),
        (302, b"", "refused"),
        (404, b"", "refused"),
    ],
)
def test_what_a_robot_says_counts_not_that_it_answered(
    http: HttpReceiver, status: int, body: bytes, result: str
) -> None:
    http.answer = lambda _got: (status, {"Location": http.url + "/elsewhere"}, body)
    assert send(channel(robot("feishu", http.url)), MESSAGE).result == result
    assert len(http.got) == 1  # no redirect was followed


def test_an_email_bears_the_number_in_every_attempt(mail: MailReceiver) -> None:
    through = channel(post(mail.port))
    first, second = send(through, MESSAGE), send(through, MESSAGE)
    assert first.result == "handed_over"
    assert first.answer == "250 2.0.0 Ok: queued as 4F0001"
    assert first.proof == second.proof == "<652327-T-261121-7F3K9QAB@example.gov.cn>"
    one, two = mail.got
    assert one["Message-ID"] == two["Message-ID"] == first.proof
    assert one["Subject"] == MESSAGE.title
    assert MESSAGE.text.replace("\r", "") in one.get_content().replace("\r", "")


def test_an_address_that_the_mail_server_refuses(mail: MailReceiver) -> None:
    mail.refuse["wang@example.cn"] = "550 5.1.1 <wang@example.cn>: no such user"
    outcome = send(channel(post(mail.port)), MESSAGE)
    assert (outcome.result, outcome.answer) == ("refused", "550 5.1.1 <***>: no such user")
    mail.refuse["wang@example.cn"] = "451 4.7.1 greylisted"
    assert send(channel(post(mail.port)), MESSAGE).result == "failed"
    assert mail.got == []


def test_a_webhook_is_signed(http: HttpReceiver) -> None:
    outcome = send(channel(hook(http.url + "/inspect")), MESSAGE)
    assert outcome.result == "handed_over"
    (got,) = http.got
    signed = f"{MESSAGE.number}.1795222830.".encode() + got.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-id"] == MESSAGE.number
    assert got.headers["webhook-timestamp"] == "1795222830"
    assert got.headers["webhook-signature"] == f"v1,{signature}"
    data = json.loads(got.body)["data"]
    assert (data["number"], data["text"], data["step"]) == (MESSAGE.number, MESSAGE.text, 2)


def test_a_gateway_asks_to_be_left_alone(http: HttpReceiver) -> None:
    http.answer = lambda _got: (503, {"Retry-After": "120"}, b"later")
    outcome = send(channel(hook(http.url)), MESSAGE)
    assert (outcome.result, outcome.retry_after) == ("failed", 120)


def test_a_text_message_by_a_described_request(http: HttpReceiver) -> None:
    http.answer = lambda _got: (200, {}, b'{"code":"OK","id":"9001^0"}')
    outcome = send(channel(sms(http.url + "/send")), MESSAGE._replace(address="13812345678"))
    assert (outcome.result, outcome.proof) == ("handed_over", "9001^0")
    (got,) = http.got
    assert json.loads(got.body) == {"to": "13812345678", "text": MESSAGE.text, "id": MESSAGE.number}
    assert got.headers["authorization"] == "Bearer s3cret-key"
    http.answer = lambda _got: (200, {}, b'{"code":"NO_BALANCE"}')
    assert send(channel(sms(http.url)), MESSAGE).result == "failed"


def test_a_form_is_escaped_as_forms_are(http: HttpReceiver) -> None:
    entry = sms(http.url, body="mobile={mobile}&content={text}", form="form")
    send(channel(entry), MESSAGE._replace(address="13812345678", text="a&mobile=1 {key}=二"))
    assert parse_qs(http.got[0].body.decode()) == {
        "mobile": ["13812345678"],
        "content": ["a&mobile=1 {key}=二"],
    }


def test_a_port_that_nobody_listens_on_is_told_from_one_that_hangs() -> None:
    assert send(channel(hook(f"http://127.0.0.1:{free_port()}")), MESSAGE) == (
        "failed",
        "ConnectionError",
        None,
        0,
    )


@pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 4000], ids=["silent", "drips"])
def test_what_hangs_is_cut_off(drip: bytes) -> None:
    with silent_port(drip) as port:
        started = time.monotonic()
        outcome = send(channel(hook(f"http://127.0.0.1:{port}", LOOPBACK + ", timeout: 1")), MESSAGE)
        assert outcome == ("failed", "no answer within 1 s", None, 0)
        assert time.monotonic() - started < 5
    with silent_port(b"220-" + b"wait" * 1000) as port:
        outcome = send(channel(post(port, ", timeout: 1")), MESSAGE)
        assert outcome.result == "failed"
        assert time.monotonic() - started < 10


def test_no_secret_and_no_address_is_told(
    http: HttpReceiver,
    mail: MailReceiver,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Not in what is kept of an answer, not in what a fault says, not in a log at its most talkative."""
    caplog.set_level(logging.DEBUG, "apprise")
    http.answer = lambda got: (
        500,
        {},
        b"you sent " + got.path.encode() + got.headers.get("authorization", "").encode(),
    )
    mail.refuse["wang@example.cn"] = "550 <wang@example.cn>"
    kinds = [
        robot("dingtalk", http.url, ", secret: SECabc123"),
        robot("wecom", "http://127.0.0.1:1"),
        robot("feishu", http.url),
        sms(http.url),
        post(mail.port, ", user: yjj, password: p4ssw0rd"),
    ]
    told = [send(channel(kind), MESSAGE) for kind in kinds]
    assert {outcome.result for outcome in told} <= {"failed", "refused"}
    everything = (
        str(told) + caplog.text + "".join(capfd.readouterr()) + "".join(repr(channel(k)) for k in kinds)
    )
    for secret in ("tokenabc123", "SECabc123", "s3cret-key", "p4ssw0rd", "wang@example.cn"):
        assert secret not in everything
