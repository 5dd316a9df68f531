"""Photos and proofs: where their bytes are kept and what can be read from them."""

from inspect_api.media.opening import open_store

__all__ = ["open_store"]
