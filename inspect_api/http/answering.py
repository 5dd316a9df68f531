"""What an action gave becomes the bytes of an answer."""

from typing import Any

from litestar import Request, Response

from inspect_api.errors import Refusal
from inspect_api.http.asked import Answer
from inspect_api.http.encodings import answer_compression, answer_encoding, compress, encode, media_type
from inspect_api.http.problems import refusal_response, request_id_of


def respond(request: Request[Any, Any, Any], result: object, status: int = 200) -> Response[bytes]:
    """Encode what an action gave, as the client wants it."""
    if isinstance(result, Refusal):
        return refusal_response(result, request_id_of(request))
    answer = result if isinstance(result, Answer) else Answer(result, status)
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Encoding", **answer.headers}
    if answer.body is None:
        return Response(b"", status_code=answer.status, headers=headers)
    encoding = answer_encoding(request.headers.get("accept", ""))
    body = encode(answer.body, encoding)
    how = answer_compression(request.headers.get("accept-encoding", ""), len(body))
    if how:
        body, headers["Content-Encoding"] = compress(body, how), how
    return Response(body, status_code=answer.status, headers=headers, media_type=media_type(encoding))
