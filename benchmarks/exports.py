"""Exports to their end over HTTP: seconds beside the same rows by COPY, and the server's memory meanwhile.

`python -m benchmarks.exports [hazards] [DATABASE_URL] [format …]`; without a URL in a PostgreSQL of its own.
What came is opened and its rows are counted; then one is cut in the middle, and nothing may be left of it.
"""

import csv
import json
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import httpx
import psycopg
from openpyxl import load_workbook

from benchmarks.asking import prepare, serving, user_of
from benchmarks.measuring import machine, memory_mb, processor_seconds, report
from benchmarks.nation import filled
from inspect_api.http.export_formats import TOTAL
from inspect_api.store.hazards import HAZARD
from tests.live import LiveServer
from tests.postgres import libpq

_EARLY_BYTES = 20_000_000
"""After so many the memory has its size, if it keeps one."""


def main(hazards: int = 100_000, url: str = "", *formats: str) -> None:
    print(machine(), f"{hazards} hazards")
    with filled(url, hazards) as database, tempfile.TemporaryDirectory() as folder:
        address = database.engine.url.render_as_string(hide_password=False)
        env = {"DATA_DIR": folder, "DATABASE_URL": address}
        prepare(env)
        with serving(env, folder) as (server, _), psycopg.connect(libpq(address), autocommit=True) as plain:
            floor = _copied(plain)
            report("export, COPY of the rows", {"hazards": hazards, "s": floor})
            for extension in formats or tuple(COUNTS):
                _export(server, Path(folder) / f"whole.{extension}", hazards, floor)
            _cut(server, plain)


def _copied(plain: psycopg.Connection) -> float:
    begin = time.perf_counter()
    columns = ", ".join(column.name for column in HAZARD.c)
    with plain.cursor() as cursor, cursor.copy(f"COPY (SELECT {columns} FROM hazard) TO STDOUT") as copy:
        sum(len(piece) for piece in copy)
    return time.perf_counter() - begin


def _export(server: LiveServer, path: Path, hazards: int, floor: float) -> None:
    """`early` is the peak of the server's memory after the first megabytes, `peak` that of the whole."""
    headers = {"Authorization": f"Bearer {server.token(user_of('nation'))}", "Accept-Encoding": "identity"}
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # the peak is counted from here
    begun, spent, early = time.perf_counter(), processor_seconds(server.pid), 0.0
    whole = httpx.stream(
        "GET", f"{server.url}/api/v1/exports/hazards{path.suffix}", headers=headers, timeout=600
    )
    with path.open("wb") as file, whole as answer:
        answer.raise_for_status()
        for piece in answer.iter_bytes():
            file.write(piece)
            if not early and file.tell() > _EARLY_BYTES:
                early = memory_mb(server.pid, peak=True)
    seconds, own = time.perf_counter() - begun, processor_seconds(server.pid) - spent
    peak = memory_mb(server.pid, peak=True)
    with path.open("rb") as file:
        rows = COUNTS[path.suffix[1:]](file)
    report(
        f"export{path.suffix} of {hazards} hazards",
        {
            "rows": rows,
            "s": seconds,
            "x COPY": seconds / floor,
            "server processor us a row": own / max(rows, 1) * 1e6,
            "MB": path.stat().st_size / 1e6,
            "memory early MB": early or peak,
            "memory peak MB": peak,
        },
    )
    path.unlink()


def _csv_rows(file: IO[bytes]) -> int:
    count, last = -2, list[str]()  # but for the headings and the last line
    for line in csv.reader(line.decode() for line in file):
        count, last = count + 1, line
    if last != [TOTAL, str(count)]:
        raise AssertionError(f"{count} rows, and the file ends with {last}")
    return count


def _features(file: IO[bytes]) -> int:
    """By its lines: the whole is larger than what one would parse at once."""
    count, ending = 0, b""
    for line in file:
        if line.startswith(b'{"id"'):
            json.loads(line.rstrip(b",\n"))
            count += 1
        ending = line
    if ending != b'],"count":%d,"complete":true}\n' % count:
        raise AssertionError(f"{count} features, and the file ends with {ending!r}")
    return count


def _sheet_rows(file: IO[bytes]) -> int:
    book = load_workbook(file, read_only=True)
    sheets = [book[name] for name in book.sheetnames[:-1]]
    count = sum(sum(1 for _ in sheet.iter_rows(values_only=True)) - 1 for sheet in sheets)
    told = book[book.sheetnames[-1]]["B2"].value
    if told != count:
        raise AssertionError(f"{count} rows, and the workbook says {told}")
    return count


COUNTS: dict[str, Callable[[IO[bytes]], int]] = {"csv": _csv_rows, "geojson": _features, "xlsx": _sheet_rows}


def _cut(server: LiveServer, plain: psycopg.Connection) -> None:
    """A client goes away in the middle: soon its export holds neither a transaction nor a connection."""
    lines = ("GET /api/v1/exports/hazards.csv HTTP/1.1", "Host: x")
    lines += (f"Authorization: Bearer {server.token(user_of('nation'))}", "", "")
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall("\r\n".join(lines).encode())
            client.recv(65_536)
    deadline = time.monotonic() + 60
    while (left := _left(server, plain)) != (0, 0) and time.monotonic() < deadline:
        time.sleep(0.2)
    report("exports cut by the client", {"cut": 5, "transactions left": left[0], "connections left": left[1]})


def _left(server: LiveServer, plain: psycopg.Connection) -> tuple[int, int]:
    """Transactions of the product, and its connections to clients."""
    row = plain.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'inspect-api' AND state <> 'idle'"
        " AND datname = current_database()"
    ).fetchone()
    return (row or (0,))[0], len(_clients(server))


def _clients(server: LiveServer) -> list[str]:
    """Established TCP connections to the server's port (Linux)."""
    port = f":{server.port:04X}"
    rows = (line.split() for line in Path(f"/proc/{server.pid}/net/tcp").read_text().splitlines()[1:])
    return [row[2] for row in rows if row[1].endswith(port) and row[3] == "01"]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
