"""Writes `openapi/conformance/sync/*.json`: `python -m tests.sync.vectors`."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync.cursor import encode_cursor
from sync.envelope import Outcome
from sync.identity import digest, hazard_id
from sync.receipt import receipt_text

FOLDER = Path(__file__).resolve().parents[2] / "openapi" / "conformance" / "sync"
ROOT_ID = UUID("01a1ff83-7383-74c4-bc16-c1220870b5ac")
ORIGIN = "inspect-api/01a1ff7e-6bf3-7423-b8fb-c9273f46d5a6/01a1ff7e-6bf5-7348-8b6b-e735a23589a2"
RECEIVED_AT = "2026-11-21T10:11:12.000345Z"
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def digests() -> list[dict[str, Any]]:
    """The bytes of an operation as they stand in the body, and their SHA-256."""
    spans = [
        '{"op_id":"01a1ff83-7383-74c4-bc16-c1220870b5ac","seq":1}',
        '{ "op_id" : "01a1ff83-7383-74c4-bc16-c1220870b5ac", "seq" : 1 }',
        '{"note":"灭火器失效"}',
        '{"note":"\\u706d\\u706b\\u5668\\u5931\\u6548"}',
        "{}",
    ]
    return [{"span": span, "digest": digest(span.encode())} for span in spans]


def hazard_ids() -> list[dict[str, Any]]:
    """Ids that phone and server agree on."""
    cases = [("AQ3067-5.1.1", 1), ("AQ3067-5.1.1", 2), ("JGJ59-B.1-G01", 1), ("灭火器", 1), ("灭火器", 17)]
    return [
        {"root": str(ROOT_ID), "item": item, "n": n, "hazard_id": str(hazard_id(ROOT_ID, item, n))}
        for item, n in cases
    ]


def receipts() -> list[dict[str, Any]]:
    """What a receipt signs, and whether the signature holds."""
    public = base64.b64encode(_KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    outcomes = [
        Outcome(op_id=str(ROOT_ID), code="applied", durable=True, digest=digest(b"{}")),
        Outcome(
            op_id="not-a-uuid", code="quarantined", durable=True, digest=digest(b'{"op_id":"not-a-uuid"}')
        ),
        Outcome(op_id=str(hazard_id(ROOT_ID, "x")), code="retry", durable=False, digest=digest(b"x")),
    ]
    lines = [{"op_id": o.op_id, "digest": o.digest, "code": o.code} for o in outcomes]
    text = receipt_text(ORIGIN, RECEIVED_AT, outcomes)
    sig = base64.b64encode(_KEY.sign(text)).decode()
    case = {
        "public_key": public,
        "origin": ORIGIN,
        "received_at": RECEIVED_AT,
        "outcomes": lines,
        "signed_text": text.decode(),
        "sig": sig,
        "holds": True,
    }
    swapped = {**case, "outcomes": lines[::-1], "signed_text": None, "holds": False}
    other_code = {
        **case,
        "outcomes": [{**lines[0], "code": "duplicate"}, *lines[1:]],
        "signed_text": None,
        "holds": False,
    }
    other_time = {**case, "received_at": "2026-11-21T10:11:12.000346Z", "signed_text": None, "holds": False}
    return [case, swapped, other_code, other_time]


def cursors() -> list[dict[str, Any]]:
    """Cursors that are not this account's, or not whole: refused with 409, never believed."""
    account, stranger = UUID(int=1), UUID(int=2)
    good = encode_cursor("epoch-1", account, {"grid:652327100001001": 7, "reference": 3})
    return [
        {"cursor": good, "epoch": "epoch-1", "account": str(account), "code": None},
        {"cursor": good, "epoch": "epoch-2", "account": str(account), "code": "epoch_changed"},
        {"cursor": good, "epoch": "epoch-1", "account": str(stranger), "code": "cursor_invalid"},
        {"cursor": good[:-4], "epoch": "epoch-1", "account": str(account), "code": "cursor_invalid"},
        {"cursor": "", "epoch": "epoch-1", "account": str(account), "code": "cursor_invalid"},
        {"cursor": "下一页", "epoch": "epoch-1", "account": str(account), "code": "cursor_invalid"},
    ]


def pulls() -> list[dict[str, Any]]:
    """Pages of pulls, in order, and which entities a phone holds after each."""
    given = [_put("grid:甲", 1, "a", 1), _put("grid:甲", 2, "b", 1), _put("grid:乙", 1, "c", 1)]
    moved = [_put("grid:乙", 2, "b", 2), _leave("grid:甲", 3, "a", 2)]
    back = [_leave("grid:乙", 3, "b", 3), _put("grid:甲", 4, "b", 3)]
    return [
        {
            "about": "what leaves is dropped; the changes of a page hold in their order",
            "pages": [
                _page(given, "1", ["hazard a", "hazard b", "hazard c"], added=["grid:甲", "grid:乙"]),
                _page(moved, "2", ["hazard b", "hazard c"]),
                _page(back, "3", ["hazard b", "hazard c"]),
                _page([_leave("grid:甲", 5, "b", 4)], "4", ["hazard c"], removed=["grid:甲"]),
            ],
        },
        {
            "about": "a stream that begins anew takes along what it brought last, before the page's changes",
            "pages": [
                _page(given, "1", ["hazard a", "hazard b", "hazard c"], added=["grid:甲", "grid:乙"]),
                _page([_put("grid:乙", 2, "b", 2)], "2", ["hazard a", "hazard b", "hazard c"]),
                _page(
                    [_put("grid:甲", 9, "d", 1)], "3", ["hazard b", "hazard c", "hazard d"], reset=["grid:甲"]
                ),
                _page([], "4", [], reset=["grid:甲", "grid:乙"]),
            ],
        },
        {
            "about": "a rev is never compared: after a restore an older one may come",
            "pages": [
                _page([_put("grid:甲", 7, "a", 9)], "1", ["hazard a"], added=["grid:甲"]),
                _page([_put("grid:甲", 8, "a", 4)], "2", ["hazard a"]),
            ],
        },
    ]


def _put(stream: str, seq: int, entity_id: str, rev: int) -> dict[str, Any]:
    return {**_leave(stream, seq, entity_id, rev), "kind": "put", "data": {"id": entity_id, "rev": rev}}


def _leave(stream: str, seq: int, entity_id: str, rev: int) -> dict[str, Any]:
    place = {"stream": stream, "seq": seq, "entity": "hazard", "id": entity_id, "rev": rev}
    return {**place, "kind": "leave"}


def _page(
    changes: list[dict[str, Any]], cursor: str, holds: list[str], **streams: list[str]
) -> dict[str, Any]:
    answer = {
        "changes": changes,
        "cursor": cursor,
        "more": False,
        "epoch": "epoch-1",
        "server_time": RECEIVED_AT,
        "streams": {"added": [], "removed": [], **streams},
    }
    return {"answer": answer, "holds": holds}


def files() -> dict[str, str]:
    """File name -> text."""
    made = {
        "digests": digests(),
        "hazard_ids": hazard_ids(),
        "receipts": receipts(),
        "cursors": cursors(),
        "pulls": pulls(),
    }
    return {
        f"{name}.json": json.dumps(cases, ensure_ascii=False, indent=1) + "\n" for name, cases in made.items()
    }


if __name__ == "__main__":
    for file_name, content in files().items():
        (FOLDER / file_name).write_text(content)
