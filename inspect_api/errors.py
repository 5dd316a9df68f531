"""Every refusal the product can answer with: one closed table of codes (RFC 9457 problem details)."""

from enum import Enum, unique
from typing import NamedTuple
from uuid import UUID


class ProblemKind(NamedTuple):
    """HTTP status and short title of a problem code."""

    status: int
    title: str


@unique
class Code(ProblemKind, Enum):
    """The closed list; the member's name in lower case is the wire's `code`."""

    MALFORMED_BODY = ProblemKind(400, "The body cannot be parsed")
    BAD_UPLOAD = ProblemKind(400, "A header of the upload is not what it should be")
    MALFORMED_QUERY = ProblemKind(400, "A query parameter is not what it should be")
    UNAUTHORIZED = ProblemKind(401, "Log in first")
    BAD_CREDENTIALS = ProblemKind(401, "User name or password is wrong")
    FORBIDDEN = ProblemKind(403, "Your role may not do this")
    SCOPE_TOO_WIDE = ProblemKind(403, "Your scope is too wide to pull; use the queries")
    SEPARATION_OF_DUTIES = ProblemKind(403, "Somebody else has to do this step")
    NOT_FOUND = ProblemKind(404, "There is no such thing here")
    THUMBNAIL_PENDING = ProblemKind(404, "The thumbnail has not been made yet; try again")
    THUMBNAIL_UNAVAILABLE = ProblemKind(404, "This photo has no thumbnail; its original is kept")
    METHOD_NOT_ALLOWED = ProblemKind(405, "This address does not answer that method")
    CONFLICT = ProblemKind(409, "The present status does not allow this")
    STALE_REV = ProblemKind(409, "It has changed since you saw it")
    CURSOR_INVALID = ProblemKind(409, "The cursor belongs to another query or another time")
    EPOCH_CHANGED = ProblemKind(409, "The server was restored; pull again from the start")
    OFFSET_CONFLICT = ProblemKind(409, "The upload does not stand at this offset")
    UPLOAD_GONE = ProblemKind(410, "This upload has ended; begin a new one")
    TUS_VERSION = ProblemKind(412, "Uploads speak tus 1.0.0")
    EXTENSION_TOO_LATE = ProblemKind(409, "An extension is asked before the due date")
    OP_ID_REUSED = ProblemKind(409, "This operation id was used with another content")
    TOO_LARGE = ProblemKind(413, "Too large")
    UNSUPPORTED_MEDIA = ProblemKind(415, "This content type or encoding is not accepted")
    RANGE_NOT_SATISFIABLE = ProblemKind(416, "There are no bytes in this range")
    INVALID_BODY = ProblemKind(422, "A field is not what it should be")
    BAD_TEXT = ProblemKind(422, "Text with control characters is not accepted")
    PLAN_INCOMPLETE = ProblemKind(422, "The rectification plan lacks an element")
    EVIDENCE_MISSING = ProblemKind(422, "This step needs at least one photo or proof")
    CRITERION_MISSING = ProblemKind(422, "A major hazard needs the criterion that it matches")
    HASH_MISMATCH = ProblemKind(422, "The bytes do not hash to their name")
    INVALID_ANSWERS = ProblemKind(422, "An answer does not fit its item")
    UNKNOWN_CHECKLIST = ProblemKind(422, "This checklist version is not known here")
    UNKNOWN_KIND = ProblemKind(422, "This kind of operation is not known here")
    UNKNOWN_ENTITY = ProblemKind(422, "What this refers to is not known here yet")
    OTHER_AUTHOR = ProblemKind(403, "Captured by another person")
    SCOPE_REVOKED = ProblemKind(403, "It lay outside of your scope when this was captured")
    DEPENDENCY_CYCLE = ProblemKind(409, "It depends on itself")
    DEPOSITED = ProblemKind(409, "Handed in by deposit; a supervisor decides")
    HELD_TOO_LONG = ProblemKind(409, "What it waited for did not come within 14 days")
    DEPENDENCY_MISSING = ProblemKind(409, "It depends on an operation that has not been applied")
    UNSUPPORTED_PROTOCOL = ProblemKind(426, "This protocol version is too old or too new")
    TOO_MANY_ATTEMPTS = ProblemKind(429, "Too many attempts; wait")
    TOO_MANY_UPLOADS = ProblemKind(429, "Too many uploads are unfinished; end or complete some")
    CHECKSUM_MISMATCH = ProblemKind(460, "The bytes do not have the checksum that was told")
    INTERNAL = ProblemKind(500, "A fault of ours")
    EVIDENCE_DAMAGED = ProblemKind(502, "The stored bytes are not what they were; nothing is shown instead")
    BUSY = ProblemKind(503, "Busy or starting; try again")
    STORAGE_FULL = ProblemKind(507, "There is no room to store this; try again later")
    STORAGE_DOWN = ProblemKind(503, "The photo store does not answer; try again")

    @property
    def wire(self) -> str:
        """The code as it stands on the wire."""
        return self.name.lower()


class Fault(NamedTuple):
    """One wrong place: a JSON pointer (RFC 6901) into what was sent, a code and a sentence."""

    pointer: str
    code: str
    detail: str


class Refusal(Exception):
    """The request or operation is refused, and why; the edge prints it as a problem."""

    def __init__(
        self,
        code: Code,
        detail: str = "",
        *,
        pointer: str | None = None,
        faults: tuple[Fault, ...] = (),
        retry_after: int | None = None,
        awaits: UUID | None = None,
    ) -> None:
        super().__init__(detail or code.title)
        self.code = code
        self.detail = detail or code.title
        self.faults = faults or ((Fault(pointer, code.wire, self.detail),) if pointer is not None else ())
        self.retry_after = retry_after
        self.awaits = awaits
