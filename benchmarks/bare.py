"""The least that our framework can do: take a photo of 200 kB, write it down, fsync, answer; or answer bytes.

`python -m benchmarks.bare FOLDER PORT`. No login, no hash, no database, no sync of the folder's name.
"""

import os
import sys

import uvicorn
from anyio import to_thread
from litestar import Litestar, Request, Response, route


def bare_app(folder: str) -> Litestar:
    """A route for each."""

    def keep(name: str, photo: bytes) -> None:
        handle = os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY | os.O_EXCL)
        os.write(handle, photo)
        os.fsync(handle)
        os.close(handle)

    @route("/blobs/{name:str}", http_method=["PUT"])
    async def put(request: Request, name: str) -> Response[bytes]:  # type: ignore[type-arg]
        photo = await request.body()
        await to_thread.run_sync(keep, name, photo)
        return Response(b"{}", status_code=201)

    @route("/bytes/{count:int}", http_method=["GET"])
    async def get(count: int) -> Response[bytes]:
        return Response(bytes(count), media_type="application/json")

    return Litestar([put, get], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    uvicorn.run(
        bare_app(sys.argv[1]), port=int(sys.argv[2]), loop="uvloop", http="httptools", log_level="error"
    )
