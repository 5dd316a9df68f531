"""What text may hold, and where in what was sent it holds something else."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.text import Name, Said, bad_text, escape, is_bad, may_hold_bad_text, pointer_of, says_something

CONTROLS = [chr(code) for code in [*range(32), *range(0x7F, 0xA0)]]
ORDINARY = {"\t", "\n", "\r"}


@pytest.mark.parametrize("character", [c for c in CONTROLS if c not in ORDINARY])
def test_no_control_character(character: str) -> None:
    assert is_bad(f"安全{character}检查")


@pytest.mark.parametrize("text", ["", "现场检查\t发现\r\n隐患", "😀🏭", "\u00a0", "é", "\u202e", "\ufdd0"])
def test_ordinary_text(text: str) -> None:
    assert not is_bad(text)
    assert bad_text({"note": [text]}) is None


@pytest.mark.parametrize("code", [0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_no_unpaired_surrogate(code: int) -> None:
    assert is_bad(f"安全{chr(code)}")


def test_the_place_is_named() -> None:
    value = {"a": 1, "b": ["好", {"c/d~": "坏\x00"}], "e": "\x01"}
    assert bad_text(value) == "/b/1/c~1d~0"


def test_a_key_is_text_too() -> None:
    assert bad_text({"a": {"\x1b[31m": 1}}) == "/a"


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
_bad = st.sampled_from([c for c in CONTROLS if c not in ORDINARY])


@given(value=_values, spoiled=st.text(max_size=3), bad=_bad, ascii_only=st.booleans())
def test_bytes_that_pass_the_quick_look_hold_nothing_bad(
    value: object, spoiled: str, bad: str, ascii_only: bool
) -> None:
    """In every way to write JSON: characters below 32 escaped, all others escaped or not."""
    raw = json.dumps({"before": value, "text": spoiled + bad + spoiled}, ensure_ascii=ascii_only).encode()
    assert may_hold_bad_text(raw, json=True)
    assert bad_text(msgspec.json.decode(raw)) is not None


@given(st.binary(max_size=60) | st.text(max_size=30).map(lambda text: f'"{text}"'.encode("utf-8", "ignore")))
@example(b'"\\u0000"')
@example(b'"\\b"')
@example(b'"\\f"')
@example(b'"\\u009F"')
@example(b'"\\uD800"')
@example(b'"\x7f"')
@example('"\x85"'.encode())
def test_whatever_decodes_and_passes_the_quick_look_is_good(raw: bytes) -> None:
    if may_hold_bad_text(raw, json=True):
        return
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    assert bad_text(value) is None


@given(st.text(max_size=20))
def test_every_escape_of_a_character_is_looked_at(text: str) -> None:
    written = "".join(
        rf"\u{unit:04x}" if index % 2 else rf"\u{unit:04X}"
        for index, unit in enumerate(memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"))
    )
    raw = f'"{written}"'.encode()
    if is_bad(text):
        assert may_hold_bad_text(raw, json=True)


def test_messagepack_is_always_looked_at() -> None:
    assert may_hold_bad_text(msgspec.msgpack.encode({"note": "正常"}), json=False)


def test_ordinary_chinese_json_is_not_decoded_twice() -> None:
    assert not may_hold_bad_text('{"note":"灭火器失效\\n已更换","n":1}'.encode(), json=True)


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\u2028", "\ufeff"])
def test_a_name_cannot_be_made_to_read_as_another(character: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(f"王{character}建国", Name)


@given(st.lists(st.text(max_size=5), max_size=4))
def test_a_pointer_can_be_taken_apart_again(tokens: list[str]) -> None:
    pointer = "".join(f"/{escape(token)}" for token in tokens)
    parts = pointer.split("/")[1:]
    assert [part.replace("~1", "/").replace("~0", "~") for part in parts] == tokens


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ("Expected `str`, got `int` - at `$.answers[1].item`", "/answers/1/item"),
        ("Expected `str`, got `int` - at `$.ops[12].body.photos[0].sha256`", "/ops/12/body/photos/0/sha256"),
        ("Expected `str`, got `int` - at `$[3]`", "/3"),
        ("Expected `object`, got `int`", ""),
        ("A time is between 1970 and 2200", ""),
    ],
)
def test_the_pointer_in_a_decoders_complaint(message: str, pointer: str) -> None:
    assert pointer_of(message) == pointer


@pytest.mark.parametrize(
    "text", ["", " ", "\u3000\t\r\n", "\u200b\u200d", "\ufeff", "\u2060\u00ad", "\u3164", "\u2800"]
)
def test_what_cannot_be_seen_says_nothing(text: str) -> None:
    assert not says_something(text)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, Said)


@pytest.mark.parametrize("text", ["是", " 备件未到\n", "\u200b好", "😀", "-"])
def test_a_word_says_something(text: str) -> None:
    assert says_something(text)
    assert msgspec.convert(text, Said) == text
