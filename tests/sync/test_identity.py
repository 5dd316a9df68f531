"""Ids on which phone and server agree with no network."""

import hashlib
from uuid import RFC_4122, UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from sync.identity import digest, hazard_id, reused_id, unreadable_id

ROOT = UUID("0197c0f2-6f3e-7c11-8a54-6d0c8f6e2b11")
ITEM = "AQ3067-5.1.2"


def by_hand(namespace: UUID, name: str) -> UUID:
    """RFC 9562 section 5.5, without the library."""
    octets = bytearray(hashlib.sha1(namespace.bytes + name.encode()).digest()[:16])  # noqa: S324 - the RFC's
    octets[6] = octets[6] & 0x0F | 0x50
    octets[8] = octets[8] & 0x3F | 0x80
    return UUID(bytes=bytes(octets))


def test_the_first_finding_has_the_items_name() -> None:
    assert hazard_id(ROOT, ITEM) == hazard_id(ROOT, ITEM, 1) == by_hand(ROOT, ITEM) == uuid5(ROOT, ITEM)


def test_further_findings_are_numbered() -> None:
    assert hazard_id(ROOT, ITEM, 2) == by_hand(ROOT, "AQ3067-5.1.2#2")
    assert hazard_id(ROOT, ITEM, 17) == uuid5(ROOT, "AQ3067-5.1.2#17")


def test_fixed_values() -> None:
    """Any other value would part phones from the hazards that they have opened."""
    assert str(hazard_id(ROOT, "消防-01")) == "c198372e-dc2a-5f8e-956d-fb89b398ee20"
    assert str(hazard_id(ROOT, ITEM, 2)) == "e797b1a2-b3ae-5d4e-bf87-a17443e9c387"


@given(st.uuids(), st.text(min_size=1, max_size=120), st.integers(1, 999))
def test_every_hazard_id_is_version_5(root: UUID, item: str, n: int) -> None:
    found = hazard_id(root, item, n)
    assert (found.version, found.variant) == (5, RFC_4122)


def test_a_digest_is_of_the_very_bytes() -> None:
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest(memoryview(b"xabcx")[1:4]) == hashlib.sha256(b"abc").hexdigest()


def test_operations_that_cannot_have_their_own_id_get_one_by_content_and_account() -> None:
    one, other, me, you = digest(b"1"), digest(b"2"), UUID(int=1), UUID(int=2)
    made = {reused_id(ROOT, one, me), reused_id(ROOT, other, me), reused_id(me, one, me)}
    made |= {reused_id(ROOT, one, you), unreadable_id(one, me), unreadable_id(other, me)}
    made |= {unreadable_id(one, you)}
    assert len(made) == 7
    assert reused_id(ROOT, one, me) == reused_id(ROOT, one, me)
