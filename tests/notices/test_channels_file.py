"""A mistake in the county's file is told by its line and field; what it may say, it means."""

import pytest
from click.testing import CliRunner

from inspect_api.cli import main
from inspect_api.domain.rulefiles import RuleFileError
from inspect_api.notices.channels import Reader, read_channels
from tests.notices.receivers import HttpReceiver, MailReceiver
from tests.notices.samples import LOOPBACK, SECRET, channel, hook, post, robot, sms

ANYBODY = Reader("county", "regulator", ("652327",), {})


@pytest.mark.parametrize(
    ("entry", "line", "field"),
    [
        ("- {name: a, kind: pigeon}", 2, "channels[0].kind"),
        ("- {name: A b, kind: wecom, token: abc}", 2, "channels[0].name"),
        ("- {name: a, kind: wecom, token: 'https://qyapi.weixin.qq.com/?key=x'}", 2, "channels[0].token"),
        ("- name: a\n  kind: wecom\n  token: env:MISSING", 4, "channels[0].token"),
        ("- {name: a, kind: wecom, token: abc, tokn: x}", 2, "channels[0].tokn"),
        ("- {name: a, kind: wecom, token: abc, regions: [六五]}", 2, "channels[0].regions"),
        ("- {name: a, kind: wecom, token: abc, roles: [mayor]}", 2, "channels[0].roles"),
        ("- {name: a, kind: wecom, token: abc, timeout: 31}", 2, "channels[0].timeout"),
        (f"- {{name: a, kind: webhook, url: 'http://a.example', secret: {SECRET}}}", 2, "channels[0].url"),
        (f"- {{name: a, kind: webhook, url: 'file:///etc/passwd', secret: {SECRET}}}", 2, "channels[0].url"),
        (
            f"- {{name: a, kind: webhook, url: 'https://u:p@a.example', secret: {SECRET}}}",
            2,
            "channels[0].url",
        ),
        (f"- {{name: a, kind: webhook, url: 'https://[::1', secret: {SECRET}}}", 2, "channels[0].url"),
        ("- {name: a, kind: webhook, url: 'https://a.example', secret: short}", 2, "channels[0].secret"),
        (
            f"- {{name: a, kind: webhook, url: 'https://a.cn', secret: {SECRET}, private_networks: [here]}}",
            2,
            "channels[0].private_networks",
        ),
        ("- {name: a, kind: email, host: h, security: none, from: 'a@b.cn, c@d.cn'}", 2, "channels[0].from"),
        (sms("https://a.example").replace('"code"', "(?P<proof"), 12, "channels[0].request.accepted"),
        (robot("wecom", "https://a.example") * 2, 3, "channels[1].name"),
    ],
)
def test_a_mistake_is_told_by_line_and_field(entry: str, line: int, field: str) -> None:
    with pytest.raises(RuleFileError) as refused:
        read_channels("channels:\n" + entry, "channels.yaml", {})
    assert [(fault.file, fault.line, fault.field) for fault in refused.value.faults] == [
        ("channels.yaml", line, field)
    ]


def test_a_secret_comes_from_the_environment() -> None:
    (read,) = read_channels("channels:\n- {name: a, kind: wecom, token: env:KEY}", "c", {"KEY": "abc-1"})
    assert read.secrets == {"token": "abc-1"}
    assert "abc-1" not in repr(read)


def test_whom_a_channel_serves() -> None:
    county = channel(robot("wecom", "https://a.example", ", regions: ['652327']"))
    assert county.serves(ANYBODY, 1)
    assert not county.serves(Reader("city", "regulator", ("6523",), {}), 1)  # the county's group is below him
    assert county.serves(Reader("i", "inspector", ("652327100001001",), {}), 1)
    mail = channel(post(25))
    assert not mail.serves(ANYBODY, 1)
    assert mail.serves(Reader("county", "regulator", (), {"email": "a@b.cn"}), None)
    late = channel(robot("wecom", "https://a.example", ", from_step: 3"))
    assert (late.serves(ANYBODY, 2), late.serves(ANYBODY, 3), late.serves(ANYBODY, None)) == (
        False,
        True,
        True,
    )


def test_the_commands_of_the_it_person(tmp_path: object, http: HttpReceiver, mail: MailReceiver) -> None:
    file = f"{tmp_path}/channels.yaml"
    env = {"CHANNELS_FILE": file, "DATA_DIR": str(tmp_path)}
    with open(file, "w", encoding="utf-8") as text:
        text.write("channels:\n" + hook(http.url, LOOPBACK) + post(mail.port))
    told = CliRunner().invoke(main, ["channel", "check"], env=env)
    assert told.output.splitlines() == [
        "hook: webhook, 3 tries of 10 s, 4 at once",
        "mail: email, 3 tries of 10 s, 4 at once",
    ]
    told = CliRunner().invoke(main, ["channel", "try", "mail", "--to", "a@b.cn"], env=env)
    assert told.output == "handed_over: 250 2.0.0 Ok: queued as 4F0001\n"
    assert mail.got[0]["Subject"] == "测试通知"
    told = CliRunner().invoke(main, ["channel", "try", "mail"], env=env)
    assert (told.exit_code, len(mail.got)) == (2, 1)
    assert "--to names the email" in told.output
    http.answer = lambda _got: (404, {}, b"nobody here")
    told = CliRunner().invoke(main, ["channel", "try", "hook"], env=env)
    assert (told.exit_code, told.output) == (1, "refused: 404 nobody here\n")
    with open(file, "a", encoding="utf-8") as text:
        text.write("- {name: x, kind: fax}\n")
    told = CliRunner().invoke(main, ["channel", "check"], env=env)
    assert told.exit_code == 2
    assert "channels.yaml:4: channels[2].kind: 'fax' is none of" in told.output
