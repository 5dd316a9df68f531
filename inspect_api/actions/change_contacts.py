"""Where an account is written to outside of the product."""

import re
from typing import Literal
from uuid import UUID

from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.notices.channels import is_mailbox
from inspect_api.store import contacts

ContactKind = Literal["email", "mobile"]
_MOBILE = re.compile(r"1[3-9][0-9]{9}")  # of mainland China


def set_contact(work: Work, account_id: UUID, kind: ContactKind, address: str) -> bool:
    """Enter or replace an address; an empty one is taken away. False when it was so already.

    Raises Refusal(INVALID_BODY) for what is no address.
    """
    if not address:
        return contacts.drop(work.tx, account_id, kind)
    if kind == "email" and not is_mailbox(address):
        raise Refusal(Code.INVALID_BODY, "An e-mail address looks like name@example.cn")
    if kind == "mobile" and not _MOBILE.fullmatch(address):
        raise Refusal(Code.INVALID_BODY, "A mobile number has 11 digits and begins with 13 to 19")
    return contacts.put(work.tx, account_id, kind, address)
