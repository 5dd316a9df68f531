"""One attempt: by whichever kind of channel, in the time that it may take, with no secret in its words."""

import requests

from inspect_api.notices import egress, mail, robots, sms, webhook
from inspect_api.notices.channels import Channel
from inspect_api.notices.message import Message, Outcome

ANSWER_CHARACTERS = 300
_SENDERS = {
    "dingtalk": robots.send, "wecom": robots.send, "feishu": robots.send,
    "email": mail.send, "webhook": webhook.send, "sms": sms.send,
}  # fmt: skip


def send(channel: Channel, message: Message) -> Outcome:
    """Try once. Whatever goes wrong is an outcome, not an exception."""
    domain = channel.mail.sender.rpartition("@")[2] if channel.mail else "localhost"
    attempt = egress.Attempt(
        channel.timeout_s,
        private=channel.private,
        key=f"<{message.number}@{domain}>",
        sender_domain=domain,
        instead_of_host=channel.url if channel.kind in ("dingtalk", "wecom", "feishu") else "",
    )
    try:
        with egress.attempting(attempt):
            outcome = _SENDERS[channel.kind](channel, message)
            if attempt.blocked and attempt.http is None:
                outcome = _blocked(attempt)
            elif attempt.was_cut and outcome.result == "failed":
                outcome = Outcome("failed", f"no answer within {channel.timeout_s} s")
    except (requests.RequestException, OSError, ValueError) as error:
        outcome = _fault(channel, attempt, error)
    answer = " ".join(channel.masked(outcome.answer, message.address, message.mobile).split())
    proof = None if outcome.proof is None else outcome.proof[:200]
    return outcome._replace(answer=answer[:ANSWER_CHARACTERS], proof=proof)


def _fault(channel: Channel, attempt: egress.Attempt, error: Exception) -> Outcome:
    """By the kind of fault alone: the words of these exceptions hold whole addresses, tokens included."""
    if attempt.blocked and attempt.http is None:
        return _blocked(attempt)
    if attempt.was_cut or isinstance(error, requests.Timeout | TimeoutError):
        return Outcome("failed", f"no answer within {channel.timeout_s} s")
    return Outcome("failed", type(error).__name__)


def _blocked(attempt: egress.Attempt) -> Outcome:
    return Outcome("refused", f"{attempt.blocked} is no public address, and not in private_networks")
