"""Bodies that are not what they should be: each a problem with code and pointer, and nothing is written."""

import gzip
import zlib
from uuid import UUID, uuid4

import msgspec
import pytest
import sqlalchemy as sa
import zstandard

from inspect_api.http import receiving
from inspect_api.store.operations import OPERATION
from sync.limits import LIMITS
from tests.http.serving import MSGPACK, Person

HAZARD = UUID(int=7)
COMMANDS = f"/hazards/{HAZARD}/commands"
JSON = "application/json"


def operations(person: Person) -> int:
    with person.served.app.db.read() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(OPERATION)).scalar_one()


def command(**changes: object) -> bytes:
    return msgspec.json.encode({"kind": "hazard.note", "body": {"text": "现场已复查"}, **changes})


def zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(body)


@pytest.fixture
def person(shared) -> Person:
    return shared.person("officer1")


UNPARSEABLE = {
    "empty": b"",
    "cut": command()[:-1],
    "followed": command() + b"{}",
    "latin-1": command().replace("现场".encode(), b"\xe9"),
    "invalid UTF-8 where nobody looks": b'{"kind":"hazard.note","body":{"text":"x"},"other":"\xff\xfe"}',
    "overlong": command().replace("现场".encode(), b"\xc0\x80"),
    "UTF-16": command().decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + command(),
    "nested 100,000 deep": b'{"kind":"x","body":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested where nobody looks": b'{"kind":"x","other":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    "nested and never closed": b'{"kind":"x","other":' + b"[" * 100_000,
    "NaN": command().replace(b'"hazard.note"', b"NaN"),
    "Infinity": b'{"kind":"x","body":{},"base_rev":Infinity}',
    "raw control character": command().replace("现场".encode(), b"\x01"),
    "not JSON": b"kind=hazard.note",
}


@pytest.mark.parametrize("body", UNPARSEABLE.values(), ids=UNPARSEABLE)
def test_what_cannot_be_parsed(person, body):
    answer = person.post(COMMANDS, body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "malformed_body"
    assert operations(person) == 0


WRONG = {
    "a list": (b"[]", ""),
    "no kind": (b'{"body":{}}', ""),
    "kind is a number": (command(kind=7), "/kind"),
    "30 digits": (b'{"kind":"x","body":{},"base_rev":' + b"1" * 30 + b"}", "/base_rev"),
    "5,000 digits": (b'{"kind":"x","body":{},"base_rev":' + b"1" * 5000 + b"}", "/base_rev"),
    "negative": (command(base_rev=-1), "/base_rev"),
    "a fraction": (command(base_rev=1.5), "/base_rev"),
    "too big for a double": (b'{"kind":"x","body":{},"base_rev":1e400}', "/base_rev"),
    "a boolean": (command(base_rev=True), "/base_rev"),
    "no id": (command(op_id="4711"), "/op_id"),
    "unknown kind": (command(kind="hazard.explode"), "/kind"),
}


@pytest.mark.parametrize(("body", "pointer"), WRONG.values(), ids=WRONG)
def test_what_is_of_another_type(person, body, pointer):
    answer = person.post(COMMANDS, body)
    problem = answer.json()
    if problem["code"] == "malformed_body":  # some numbers are refused before anybody asks what for
        assert answer.status_code == 400
    else:
        assert answer.status_code == 422, answer.text
        assert problem["code"] in ("invalid_body", "unknown_kind")
        assert problem["errors"][0]["pointer"] == pointer
    assert operations(person) == 0


BAD_TEXT = {
    "NUL": r"a\u0000b",
    "escape": r"\u001b[31m",
    "backspace": r"\b",
    "C1": r"\u0085",
    "C1 as bytes": "\u009b",
    "delete": "\x7f",
}


@pytest.mark.parametrize("text", BAD_TEXT.values(), ids=BAD_TEXT)
def test_control_characters_are_refused_with_their_place(person, text):
    body = '{"kind":"hazard.note","body":{"text":"现场","photos":[],"more":[{"a/b":"TEXT"}]}}'
    body = body.replace("TEXT", text)
    answer = person.post(COMMANDS, body.encode())
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_text"
    assert answer.json()["errors"][0]["pointer"] == "/body/more/0/a~1b"
    packed = msgspec.msgpack.encode(msgspec.json.decode(body))
    answer = person.post(COMMANDS, packed, headers={"Content-Type": MSGPACK})
    assert answer.json()["errors"][0]["pointer"] == "/body/more/0/a~1b"


@pytest.mark.parametrize("text", [r"\ud800", r"\udc00x", r"\ud800\ud800"])
def test_lone_surrogates_are_refused(person, text):
    body = '{"kind":"hazard.note","body":{"text":"TEXT"}}'.replace("TEXT", text)
    answer = person.post(COMMANDS, body.encode())
    assert (answer.status_code, answer.json()["code"]) in {(400, "malformed_body"), (422, "bad_text")}


def test_ordinary_text_passes(person):
    for text in ("第一行\n第二行\t表格\r\n", "😀 emoji \\ud83d", "行\u2028行", "ئۇيغۇرچە", "a\u00a0b"):
        answer = person.post(COMMANDS, command(body={"text": text}))
        assert answer.json()["code"] == "not_found", text


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"],
)
def test_another_content_type_is_415(person, content_type):
    answer = person.post(COMMANDS, command(), headers={"Content-Type": content_type})
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_content_type_may_have_parameters(person, content_type):
    assert person.post(COMMANDS, command(), headers={"Content-Type": content_type}).status_code == 404


MSGPACK_GARBAGE = {
    "empty": b"",
    "cut": msgspec.msgpack.encode({"kind": "x", "body": {}})[:-1],
    "followed": msgspec.msgpack.encode({"kind": "x", "body": {}}) + b"\xc0",
    "nested": b"\x81\xa4body" + b"\x91" * 100_000 + b"\xc0",
    "reserved": b"\xc1",
    "a giant that is not there": b"\xdf\xff\xff\xff\xff",
    "invalid UTF-8": b"\x82\xa4kind\xa2\xff\xfe\xa4body\x80",
}


@pytest.mark.parametrize("body", MSGPACK_GARBAGE.values(), ids=MSGPACK_GARBAGE)
def test_messagepack_that_cannot_be_parsed(person, body):
    answer = person.post(COMMANDS, body, headers={"Content-Type": MSGPACK})
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "malformed_body"


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
@pytest.mark.parametrize("size", [10, 100_000])
def test_compressed_bodies(person, pack, size):
    how = "gzip" if pack is gzip.compress else "zstd"
    body = command(body={"text": "现" * 100, "other": [str(uuid4()) for _ in range(size // 36)]})
    packed = pack(body)
    answer = person.post(COMMANDS, packed, headers={"Content-Encoding": how})
    assert answer.json()["code"] == "not_found", answer.text
    for broken in (
        packed[:-1],
        packed[: len(packed) // 2],
        packed + b"x",
        packed + packed,
        b"",
        b"nonsense",
        body,
    ):
        answer = person.post(COMMANDS, broken, headers={"Content-Encoding": how})
        assert answer.status_code == 400, answer.text
        assert answer.json()["code"] == "malformed_body"


@pytest.mark.parametrize("how", ["deflate", "br", "gzip, gzip", "x"])
def test_other_compressions_are_415(person, how):
    answer = person.post(COMMANDS, zlib.compress(command()), headers={"Content-Encoding": how})
    assert answer.status_code == 415


BOMBS = {
    "gzip": ("gzip", gzip.compress(b" " * 64 * 1024 * 1024)),
    "zstd": ("zstd", zstd(b" " * 64 * 1024 * 1024)),
    "small, but over 100:1": ("gzip", gzip.compress(b" " * 200_000)),
}


@pytest.mark.parametrize(("how", "bomb"), BOMBS.values(), ids=BOMBS)
def test_what_grows_too_much_is_413_and_says_the_limits(person, how, bomb):
    answer = person.post(COMMANDS, bomb, headers={"Content-Encoding": how})
    assert answer.status_code == 413
    body = answer.json()
    assert body["code"] == "too_large"
    assert body["limits"] == msgspec.to_builtins(LIMITS)


@pytest.mark.parametrize(("how", "bomb"), BOMBS.values(), ids=BOMBS)
def test_nobody_unpacks_for_strangers(person, monkeypatch, how, bomb):
    monkeypatch.setattr(receiving, "inflate", None)  # calling it would be a 500
    for token in ("", "Bearer " + "x" * 43):
        headers = {"Content-Encoding": how, "Authorization": token}
        for path in ("/sync/push", "/sync/deposit", COMMANDS):
            assert person.post(path, bomb, headers=headers).status_code == 401


def test_zstd_with_a_giant_window_is_refused(person):
    wide = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    stream = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    answer = person.post(
        COMMANDS, stream.compress(command()) + stream.flush(), headers={"Content-Encoding": "zstd"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


def test_one_mebibyte_on_the_wire(person):
    def padded(size: int) -> bytes:
        body = command()
        return body + b" " * (size - len(body))

    assert person.post(COMMANDS, padded(LIMITS.wire_bytes)).status_code == 404
    answer = person.post(COMMANDS, padded(LIMITS.wire_bytes + 1))
    assert answer.status_code == 413
    assert answer.json()["limits"]["wire_bytes"] == LIMITS.wire_bytes


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_eight_mebibytes_when_decompressed(person, pack):
    def packed(size: int) -> bytes:
        lines = "".join(f"{n * 7919 % 65536:04x}" + "配电箱未接地，" * 4 for n in range(90_000))
        body = command(other=lines)
        return pack(body + b" " * (size - len(body)))

    how = {"Content-Encoding": "gzip" if pack is gzip.compress else "zstd"}
    within, over = packed(LIMITS.decoded_bytes), packed(LIMITS.decoded_bytes + 1)
    assert len(over) < LIMITS.wire_bytes
    assert person.post(COMMANDS, within, headers=how).status_code == 404
    assert person.post(COMMANDS, over, headers=how).status_code == 413
