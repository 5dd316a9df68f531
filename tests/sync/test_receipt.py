"""What a receipt signs: anybody can check it with the public key alone."""

import base64
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.receipt import receipt_holds, receipt_text

ORIGIN = "inspect-api/吉木萨尔/01938f00"
AT = "2026-11-21T02:00:00Z"


class Filed(NamedTuple):
    op_id: str
    digest: str
    code: str


OUTCOMES = [
    Filed("0197c0f2-6f3e-7c11-8a54-6d0c8f6e2b11", "ab" * 32, "applied"),
    Filed("0197c0f2-6f3e-7c11-8a54-6d0c8f6e2b12", "cd" * 32, "quarantined"),
]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def sign(origin: str = ORIGIN, at: str = AT, outcomes: list[Filed] = OUTCOMES) -> str:
    return base64.b64encode(KEY.sign(receipt_text(origin, at, outcomes))).decode()


def test_the_exact_bytes() -> None:
    assert receipt_text(ORIGIN, AT, OUTCOMES) == (
        b"inspect-receipt/v1\n"
        b"inspect-api/\xe5\x90\x89\xe6\x9c\xa8\xe8\x90\xa8\xe5\xb0\x94/01938f00\n"
        b"2026-11-21T02:00:00Z\n"
        b"0197c0f2-6f3e-7c11-8a54-6d0c8f6e2b11 " + b"ab" * 32 + b" applied\n"
        b"0197c0f2-6f3e-7c11-8a54-6d0c8f6e2b12 " + b"cd" * 32 + b" quarantined\n"
    )


def test_an_empty_batch_has_a_receipt_too() -> None:
    assert receipt_text("o", AT, []) == b"inspect-receipt/v1\no\n2026-11-21T02:00:00Z\n"


def test_it_holds() -> None:
    assert receipt_holds(PUBLIC, sign(), ORIGIN, AT, OUTCOMES)


@pytest.mark.parametrize(
    ("origin", "at", "outcomes"),
    [
        ("inspect-api/x/y", AT, OUTCOMES),
        (ORIGIN, "2026-11-21T02:00:01Z", OUTCOMES),
        (ORIGIN, AT, OUTCOMES[:1]),
        (ORIGIN, AT, OUTCOMES[::-1]),
        (ORIGIN, AT, [OUTCOMES[0]._replace(code="conflict"), OUTCOMES[1]]),
        (ORIGIN, AT, [OUTCOMES[0]._replace(digest="ac" * 32), OUTCOMES[1]]),
        (ORIGIN, AT, [*OUTCOMES, OUTCOMES[0]]),
    ],
)
def test_nothing_in_it_can_be_changed(origin: str, at: str, outcomes: list[Filed]) -> None:
    assert not receipt_holds(PUBLIC, sign(), origin, at, outcomes)


@pytest.mark.parametrize("signature", ["", "AAAA", "keine", "!" * 88, base64.b64encode(bytes(64)).decode()])
def test_a_signature_that_is_none(signature: str) -> None:
    assert not receipt_holds(PUBLIC, signature, ORIGIN, AT, OUTCOMES)


def test_the_signature_of_another_key() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    assert not receipt_holds(stranger, sign(), ORIGIN, AT, OUTCOMES)
