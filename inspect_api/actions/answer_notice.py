"""The receiver of a notice answers it, once."""

from uuid import UUID

from inspect_api.actions.deliver_notices import deliver_notices
from inspect_api.actions.entities import notices_by_ids
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import notice_queries
from sync.entities import Notice


def answer_notice(work: Work, notice_id: UUID, text: str) -> Notice:
    """The notice with its answer. The same answer again changes nothing.

    Raises Refusal(NOT_FOUND) for what is not the caller's own, Refusal(CONFLICT) for a second answer.
    """
    deliver_notices(work, [notice_id])  # who answers has read it
    rev = notice_queries.set_answer(work.tx, notice_id, work.who.id, text, work.now)
    if rev is not None:
        work.changed_for(f"user:{work.who.id}", "notice", notice_id, rev)
    notice = notices_by_ids(work, [notice_id]).get(notice_id)
    if notice is None:
        raise Refusal(Code.NOT_FOUND)
    if notice.answer is None or notice.answer.text != text:
        raise Refusal(Code.CONFLICT, "This notice has been answered already")
    return notice
