"""Which bytes are accepted as evidence, told by how they begin; a name or a Content-Type proves nothing."""

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
HEIC, AVIF, PDF = "image/heic", "image/avif", "application/pdf"
SNIFF_BYTES = 64
ACCEPTED = "Photos are JPEG, PNG, WebP, HEIC or AVIF; proofs also PDF"

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}


def sniff(first_bytes: bytes) -> str | None:
    """Content type by the first SNIFF_BYTES bytes; None for everything that is not accepted as evidence."""
    if first_bytes.startswith(b"\xff\xd8\xff"):
        return JPEG
    if first_bytes.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if first_bytes[:4] == b"RIFF" and first_bytes[8:12] == b"WEBP":
        return WEBP
    if first_bytes.startswith(b"%PDF-"):
        return PDF
    if first_bytes[4:8] == b"ftyp":
        return _sniff_brands(first_bytes)
    return None


def _sniff_brands(first_bytes: bytes) -> str | None:
    # ISO 14496-12: box size, "ftyp", major brand, minor version, then the compatible brands.
    end = min(int.from_bytes(first_bytes[:4]), len(first_bytes))
    major = first_bytes[8:12]
    brands = {first_bytes[at : at + 4] for at in range(16, end - 3, 4)}
    if major in _AVIF_BRANDS or (major in _HEIC_BRANDS and brands & _AVIF_BRANDS):
        return AVIF
    return HEIC if major in _HEIC_BRANDS else None
