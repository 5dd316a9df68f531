"""The pull cursor: kept by phones, believed only when it is whole and the caller's own."""

import base64
import hashlib
import tracemalloc
import zlib
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.cursor import CursorInvalid, EpochChanged, decode_cursor, encode_cursor

EPOCH = "01938f00-0000-7000-8000-000000000001"
ACCOUNT, STRANGER = UUID(int=1), UUID(int=2)
POSITIONS = {"grid:652327100001001": 41, "user:张": 7, "reference": 3}

_positions = st.dictionaries(st.text(max_size=40), st.integers(0, 2**53), max_size=20)


@given(_positions)
def test_round_trip(positions: dict[str, int]) -> None:
    assert decode_cursor(encode_cursor(EPOCH, ACCOUNT, positions), EPOCH, ACCOUNT).positions == positions


def test_it_can_stand_in_an_address() -> None:
    text = encode_cursor(EPOCH, ACCOUNT, POSITIONS)
    assert text.isascii()
    assert text.replace("-", "").replace("_", "").isalnum()


def test_512_streams_fit_into_a_request() -> None:
    """The most that a caller may hold; the envelope takes 32 KiB."""
    positions = {f"enterprise:{UUID(int=n)}": n * 1_000_003 for n in range(512)}
    assert len(encode_cursor(EPOCH, ACCOUNT, positions)) <= 32768


@given(st.data())
def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    text = encode_cursor(EPOCH, ACCOUNT, POSITIONS)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda c: c != text[place]))
    with pytest.raises(CursorInvalid):
        decode_cursor(text[:place] + other + text[place + 1 :], EPOCH, ACCOUNT)


@given(st.data())
def test_any_added_character_is_noticed(data: st.DataObject) -> None:
    text = encode_cursor(EPOCH, ACCOUNT, POSITIONS)
    place = data.draw(st.integers(0, len(text)))
    with pytest.raises(CursorInvalid):
        decode_cursor(text[:place] + data.draw(st.characters()) + text[place:], EPOCH, ACCOUNT)


def test_any_cut_is_noticed() -> None:
    text = encode_cursor(EPOCH, ACCOUNT, POSITIONS)
    for length in range(len(text)):
        with pytest.raises(CursorInvalid):
            decode_cursor(text[:length], EPOCH, ACCOUNT)
        with pytest.raises(CursorInvalid):
            decode_cursor(text[length + 1 :], EPOCH, ACCOUNT)


@given(st.text(max_size=200))
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(CursorInvalid):
        decode_cursor(text, EPOCH, ACCOUNT)


def test_one_of_another_account_is_refused() -> None:
    with pytest.raises(CursorInvalid):
        decode_cursor(encode_cursor(EPOCH, ACCOUNT, POSITIONS), EPOCH, STRANGER)


def test_one_of_another_epoch_says_so() -> None:
    with pytest.raises(EpochChanged):
        decode_cursor(encode_cursor("vor", ACCOUNT, POSITIONS), EPOCH, ACCOUNT)


def test_a_stranger_is_not_told_of_the_epoch() -> None:
    with pytest.raises(CursorInvalid):
        decode_cursor(encode_cursor("vor", ACCOUNT, POSITIONS), EPOCH, STRANGER)


def _forged(packed: bytes) -> str:
    """With a right checksum: it is no secret how it is made."""
    check = hashlib.sha256(packed).digest()[:8]
    return base64.urlsafe_b64encode(check + packed).decode().rstrip("=")


def test_a_bomb_is_not_inflated() -> None:
    packer = zlib.compressobj(9)
    packed = packer.compress(b"\x93\xdb\x7f\xff\xff\xff")
    packed += b"".join(packer.compress(bytes(1 << 20)) for _ in range(128)) + packer.flush()
    bomb = _forged(packed)
    tracemalloc.start()
    with pytest.raises(CursorInvalid):
        decode_cursor(bomb, EPOCH, ACCOUNT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize(
    "inside",
    [
        [EPOCH, ACCOUNT.bytes],
        [EPOCH, ACCOUNT.bytes, {"grid": "viele"}],
        [EPOCH, ACCOUNT.bytes, {"grid": 1.5}],
        [EPOCH, ACCOUNT.bytes, {1: 1}],
        {"epoch": EPOCH},
        [[[[]]]],
    ],
)
def test_a_forged_one_of_another_shape_is_refused(inside: object) -> None:
    with pytest.raises(CursorInvalid):
        decode_cursor(_forged(zlib.compress(msgspec.msgpack.encode(inside))), EPOCH, ACCOUNT)


def test_a_forged_one_nested_without_end_is_refused() -> None:
    with pytest.raises(CursorInvalid):
        decode_cursor(_forged(zlib.compress(b"\x93\xa1a\xa1b" + b"\x91" * 100_000)), EPOCH, ACCOUNT)
