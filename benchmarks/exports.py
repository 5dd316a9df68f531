"""Exports: seconds beside the same rows by COPY, and whether memory stays flat.

`python -m benchmarks.exports [hazards] [DATABASE_URL]`; without a URL in a PostgreSQL of its own.
"""

import gc
import resource
import sys
from collections.abc import Callable
from time import perf_counter

from benchmarks.measuring import machine
from benchmarks.nation import NOW, filled
from inspect_api.actions.export_hazards import export_page
from inspect_api.http.export_formats import Csv, Format, GeoJson
from inspect_api.http.export_workbook import Xlsx
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter
from inspect_api.store.hazards import HAZARD
from inspect_api.store.paging import Place
from tests.queries.world import caller, work

EVERYWHERE = caller("admin", regions=("",))
FORMATS: dict[str, Callable[[], Format]] = {"csv": Csv, "geojson": GeoJson, "xlsx": Xlsx}


def main(hazards: int = 100_000, url: str = "") -> None:
    print(machine(), f"{hazards} hazards")
    with filled(url, hazards) as database:
        floor = _copied(database)
        print(f"COPY of the hazards' rows: {floor:.1f} s")
        for name, form in FORMATS.items():
            seconds, size, grown = _export(database, form())
            print(
                f"{name}: {seconds:.1f} s ({seconds / floor:.1f} x COPY), {size / 1e6:.0f} MB,"
                f" peak memory +{grown / 1024:.1f} MB after the first ten pages"
            )


def _copied(database: Database) -> float:
    begin = perf_counter()
    with database.read() as tx:
        driver = tx.connection.driver_connection
        assert driver is not None
        columns = ", ".join(column.name for column in HAZARD.c)
        with driver.cursor() as cursor, cursor.copy(f"COPY (SELECT {columns} FROM hazard) TO STDOUT") as copy:
            sum(len(piece) for piece in copy)
    return perf_counter() - begin


def _export(database: Database, form: Format) -> tuple[float, int, int]:
    """Seconds, bytes, and by how many kB the peak of memory rose after the first pages."""
    gc.collect()
    begin, size, pages, peak = perf_counter(), 0, 0, 0
    after: Place | None = None
    while pages == 0 or after is not None:
        with database.read() as tx:
            page = export_page(work(tx, EVERYWHERE, NOW), HazardFilter(), "due_at", NOW, after)
        size += len(form.begin(NOW)) if pages == 0 else 0
        size += len(form.add(page.rows))
        after, pages = page.end, pages + 1
        peak = _peak() if pages == 10 else peak
    size += len(form.end())
    return perf_counter() - begin, size, _peak() - (peak or _peak())


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
