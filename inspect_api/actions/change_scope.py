"""Who may see what is changed: grids and regions given and taken, accounts and phones ended.

Phones learn of it with their next pull. What an account captured before still counts; what waits for the
account to see something is judged at once.
"""

from uuid import UUID

from inspect_api.actions.judge_held import judge_accounts
from inspect_api.actions.work import Work
from inspect_api.domain.access import REGION_ROLES
from inspect_api.errors import Code, Refusal
from inspect_api.store import account_changes, grants, identity, regions

GRID_ROLES = frozenset({"inspector", "expert"})
_LONGEST_GRID = 24


def give_grid(work: Work, account_id: UUID, code: str) -> bool:
    """Let a grid inspector or expert work in a grid. False when he does already.

    Raises Refusal: NOT_FOUND, INVALID_BODY for a role without grids or for what is no grid code.
    """
    _check_role(work, account_id, GRID_ROLES)
    if not 0 < len(code) <= _LONGEST_GRID or not code.isprintable():
        raise Refusal(Code.INVALID_BODY, "A grid code has up to 24 characters")
    if not grants.give_grid(work.tx, account_id, code, work.now):
        return False
    judge_accounts(work, [account_id])
    return True


def require_grid(work: Work, code: str) -> None:
    """Raises Refusal(NOT_FOUND) for a grid in which nobody has worked and no site lies: a slip of the pen."""
    if not grants.is_known_grid(work.tx, code):
        raise Refusal(Code.NOT_FOUND, f"Nobody has worked in a grid {code}, and no site lies in it: --new")


def take_grid(work: Work, account_id: UUID, code: str) -> bool:
    """End it. False when he did not hold it. Raises Refusal(NOT_FOUND)."""
    _check_role(work, account_id, None)
    return grants.take_grid(work.tx, account_id, code, work.now)


def give_region(work: Work, account_id: UUID, code: str, *, excluded: bool = False) -> bool:
    """Give an account a region with all below it, or take one out of a wider region. False: it is so already.

    Raises Refusal: NOT_FOUND, INVALID_BODY for a role without regions or for an unknown division.
    """
    _check_role(work, account_id, REGION_ROLES)
    if code not in regions.names(work.tx, [code]):
        raise Refusal(Code.INVALID_BODY, "No such division is known here")
    if not grants.give_region(work.tx, account_id, code, excluded, work.now):
        return False
    judge_accounts(work, [account_id])
    return True


def take_region(work: Work, account_id: UUID, code: str) -> bool:
    """End a region, or the exclusion of one. False when there was neither. Raises Refusal(NOT_FOUND)."""
    _check_role(work, account_id, None)
    if not grants.take_region(work.tx, account_id, code, work.now):
        return False
    judge_accounts(work, [account_id])
    return True


def disable_account(work: Work, account_id: UUID) -> bool:
    """End all of an account's logins. What was captured can be handed in for 30 days, by deposit.

    False when it was disabled before. Raises Refusal(NOT_FOUND).
    """
    _check_role(work, account_id, None)
    return account_changes.disable(work.tx, account_id, work.now)


def enable_account(work: Work, account_id: UUID) -> bool:
    """Let an account log in again. False when it could. Raises Refusal(NOT_FOUND)."""
    _check_role(work, account_id, None)
    return account_changes.enable(work.tx, account_id)


def enrol_device(work: Work, device_id: UUID, account_id: UUID) -> bool:
    """Let people log in on a phone, which was given to this account. False when they could.

    Its model is what the app says at a login. Raises Refusal(CONFLICT) for a phone that was revoked.
    """
    known = identity.device(work.tx, device_id)
    if known is not None and known.revoked_at is not None:
        raise Refusal(Code.CONFLICT, "This device was revoked, and is refused for ever")
    row = {"id": device_id, "enrolled_by": account_id, "enrolled_at": work.now}
    identity.enrol(work.tx, row)
    return known is None


def revoke_device(work: Work, device_id: UUID) -> bool:
    """Refuse a phone for ever, whoever logs in on it. False when it was before. Raises Refusal(NOT_FOUND)."""
    revoked = account_changes.revoke_device(work.tx, device_id, work.now)
    if revoked is None:
        raise Refusal(Code.NOT_FOUND, "No such device is enrolled here")
    return revoked


def account_named(work: Work, username: str) -> UUID:
    """The account of this name, disabled or not. Raises Refusal(NOT_FOUND)."""
    account_id = account_changes.named(work.tx, username)
    if account_id is None:
        raise Refusal(Code.NOT_FOUND, f"There is no account {username}")
    return account_id


def _check_role(work: Work, account_id: UUID, roles: frozenset[str] | None) -> None:
    role = account_changes.lock(work.tx, account_id)
    if role is None:
        raise Refusal(Code.NOT_FOUND, "No such account")
    if roles is not None and role not in roles:
        raise Refusal(Code.INVALID_BODY, f"The scope of the role {role} is not made of these")
