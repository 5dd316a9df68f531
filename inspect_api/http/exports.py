"""The register as a file of any length: sent while it is read, in the memory of one page.

Every page is a transaction of its own in which the caller is asked for again; while a slow client takes it,
no connection is held. What goes wrong after the first page cuts the answer off, which HTTP shows.
"""

import zlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial

import structlog
from litestar.response import Stream

from inspect_api.actions.export_hazards import ExportPage, export_page
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.http.encodings import answer_compression
from inspect_api.http.export_formats import Csv, Format, GeoJson
from inspect_api.http.lists import filter_of
from inspect_api.store.hazard_queries import HazardFilter, Sort
from inspect_api.store.paging import Place
from sync.times import Moment, check_moments

log = structlog.get_logger()

_ENDLESS = 1 << 40


class ExportQuery(HazardFilter, frozen=True, kw_only=True):
    """`as_of`: the register as it stood at a past moment."""

    as_of: Moment | None = None
    sort: Sort = "due_at"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_moments(self.as_of)


async def as_csv(asked: Asked) -> Stream:
    """GET /exports/hazards.csv"""
    return await _export(asked, Csv(), "csv", gzipped=_wants_gzip(asked))


async def as_geojson(asked: Asked) -> Stream:
    """GET /exports/hazards.geojson"""
    return await _export(asked, GeoJson(), "geojson", gzipped=_wants_gzip(asked))


async def as_xlsx(asked: Asked) -> Stream:
    """GET /exports/hazards.xlsx"""
    from inspect_api.http.export_workbook import Xlsx  # noqa: PLC0415  (openpyxl: 8 MB, seldom asked for)

    return await _export(asked, Xlsx(), "xlsx", gzipped=False)


def _wants_gzip(asked: Asked) -> bool:
    accepted = asked.request.headers.get("accept-encoding", "").lower().replace("zstd", "")
    return answer_compression(accepted, _ENDLESS) == "gzip"


async def _export(asked: Asked, form: Format, extension: str, *, gzipped: bool) -> Stream:
    """The answer begins when its first page is there: until then every refusal is a problem."""
    query = asked.query_as(ExportQuery)
    wanted = filter_of(HazardFilter, query)

    def read(as_of: datetime | None, after: Place | None) -> tuple[ExportPage, bytes]:
        def look(work: Work) -> ExportPage:
            return export_page(work, wanted, query.sort, as_of, after)

        page = asked.look(look, of_a_moment=True)
        pieces = [form.begin(page.as_of)] if after is None else []
        pieces.append(form.add(page.rows))
        if page.end is None:
            pieces.append(form.end())
        return page, b"".join(pieces)

    async with asked.threads.exports:
        first = await asked.threads.run(asked.threads.readers, lambda: read(query.as_of, None))
    name = f"hazards-{first[0].as_of:%Y%m%dT%H%M%SZ}.{extension}"
    headers = {
        "Cache-Control": "no-store",
        "Vary": "Accept-Encoding",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    pieces = _pieces(asked, form, read, first)
    return Stream(_gzip(pieces) if gzipped else pieces, headers=headers, media_type=form.media_type)


async def _pieces(
    asked: Asked,
    form: Format,
    read: Callable[[datetime | None, Place | None], tuple[ExportPage, bytes]],
    first: tuple[ExportPage, bytes],
) -> AsyncIterator[bytes]:
    (page, piece), count = first, len(first[0].rows)
    try:
        yield piece
        while page.end is not None:
            following = partial(read, page.as_of, page.end)
            async with asked.threads.exports:
                page, piece = await asked.threads.run(asked.threads.readers, following)
            count += len(page.rows)
            yield piece
    finally:
        form.close()
        account = asked.caller and str(asked.caller.id)
        log.info("export", account=account, rows=count, whole=page.end is None)


async def _gzip(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(5, wbits=31)
    async for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
