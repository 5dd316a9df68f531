"""Accounts as whoever runs an installation enters them: each with the scope that its role is made of.

An account has no password, and nobody can log in with it, until one is set.
"""

from collections.abc import Collection, Iterable, Mapping, Set
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID, uuid5

from inspect_api.actions import set_up
from inspect_api.actions.change_scope import GRID_ROLES, account_named
from inspect_api.actions.passwords import hash_password
from inspect_api.actions.set_up import NewAccount
from inspect_api.actions.work import Work
from inspect_api.domain.access import REGION_ROLES
from inspect_api.domain.county_tables import AccountRow, read_row
from inspect_api.domain.rulefiles import Faults
from inspect_api.errors import Code, Refusal
from inspect_api.store import account_changes, accounts, enterprises, grants, login_attempts, regions
from inspect_api.store.schema import AnyRow

ENTERED = UUID("9a3c1f52-5b0e-5d7a-8a41-6f0c2f7b9d11")
"""Namespace of the ids of what is entered by its code (UUIDv5, RFC 9562): the same at every entry."""

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200


class Surroundings(NamedTuple):
    """What accounts may be given: divisions and grids that are known, enterprises by their credit codes."""

    divisions: Set[str]
    grids: Set[str]
    enterprises: Mapping[str, UUID]

    def knows_grid(self, code: str) -> bool:
        """A grid is known by those who work there, by a site in it, or by the division it begins with."""
        return code in self.grids or not self.divisions.isdisjoint(regions.around(code))


def account_of(cells: Mapping[str, str]) -> AccountRow:
    """An account by the headings of the table. Raises Refusal(INVALID_BODY) with all that is wrong."""
    faults = Faults("account")
    row = read_row(cells, AccountRow, faults, 0)
    if row is None:
        raise _refusal(faults)
    return row


def add_account(work: Work, row: AccountRow, password_hash: str) -> bool:
    """Enter a person with a password: True. Raises Refusal: INVALID_BODY with all that is wrong, CONFLICT."""
    if accounts.by_usernames(work.tx, [row.username]):
        raise Refusal(Code.CONFLICT, f"There is an account {row.username} already")
    faults = Faults("account")
    around = surroundings(work, [row])
    new = check_accounts(work, {0: row}, around, faults)
    if faults.found:
        raise _refusal(faults)
    set_up.add_accounts(work, new, None)
    account_changes.set_password(work.tx, new[0].id, password_hash, work.now)
    return True


def set_password(work: Work, username: str, password_hash: str) -> bool:
    """Give an account another password: True. Its logins end, and its failed ones are forgiven.

    Raises Refusal(NOT_FOUND).
    """
    account_changes.set_password(work.tx, account_named(work, username), password_hash, work.now)
    login_attempts.forgive(work.tx, login_attempts.name_hash(username))
    return True


def hash_of_new(password: str) -> str:
    """What to keep of a password that is chosen. Raises Refusal(INVALID_BODY) for a short or endless one."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        allowed = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD}"
        raise Refusal(Code.INVALID_BODY, f"A password has {allowed} characters")
    return hash_password(password)


def surroundings(
    work: Work,
    rows: Collection[AccountRow],
    divisions: Iterable[str] = (),
    grids: Iterable[str] = (),
    owners: Mapping[str, UUID] = MappingProxyType({}),
) -> Surroundings:
    """What these accounts may be given: what stands here, and what comes together with them."""
    asked_grids = {code for row in rows for code in row.grids}
    asked = {code for row in rows for code in (*row.regions, *row.except_regions)}
    asked |= {cut for code in asked_grids for cut in regions.around(code)}
    credit_codes = {row.enterprise for row in rows if row.enterprise}
    return Surroundings(
        {*divisions, *regions.names(work.tx, asked)},
        {*grids, *grants.known_grids(work.tx, asked_grids)},
        {**owners, **enterprises.by_credit_codes(work.tx, credit_codes)},
    )


def check_accounts(
    work: Work, rows: Mapping[int, AccountRow], around: Surroundings, faults: Faults
) -> list[NewAccount]:
    """Those that are not here yet. What is wrong, or differs from the account of that name, is told."""
    there = accounts.by_usernames(work.tx, [row.username for row in rows.values()])
    held: dict[UUID, set[tuple[str, str]]] = {}
    for account_id, kind, code in grants.standing(work.tx, [row.id for row in there.values()]):
        held.setdefault(account_id, set()).add((kind, code))
    new: list[NewAccount] = []
    for line, row in rows.items():
        before = len(faults.found)
        _check_scope(row, line, faults)
        _check_known(row, line, around, faults)
        if len(faults.found) > before:
            continue
        account = _account(row, around)
        standing = there.get(row.username)
        if standing is None:
            new.append(account)
            continue
        tell_differences(_asked(account), _kept(standing, held.get(standing.id, set())), line, faults)
    return new


def tell_differences(
    asked: Mapping[str, object], kept: Mapping[str, object], line: int, faults: Faults
) -> None:
    """What is entered already is not changed by entering it otherwise."""
    for field, value in asked.items():
        if kept[field] != value:
            faults.add(line, field, f"it stands here already, with {_told(kept[field])}")


def _refusal(faults: Faults) -> Refusal:
    return Refusal(Code.INVALID_BODY, "; ".join(f"{each.field}: {each.detail}" for each in faults.found))


def _told(value: object) -> str:
    if isinstance(value, set):
        return " ".join(sorted(value)) or "nothing"
    return "nothing" if value in (None, "") else str(value)


def _asked(account: NewAccount) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role,
        "enterprise": account.enterprise_id,
        "industries": set(account.industries),
        "regions": set(account.regions),
        "except_regions": set(account.excluded),
        "grids": set(account.grids),
    }


def _kept(account: AnyRow, held: Set[tuple[str, str]]) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role,
        "enterprise": account.enterprise_id,
        "industries": set(accounts.industries_of(account.industries)),
        "regions": {code for kind, code in held if kind == "region"},
        "except_regions": {code for kind, code in held if kind == "excluded"},
        "grids": {code for kind, code in held if kind == "grid"},
    }


def _check_scope(row: AccountRow, line: int, faults: Faults) -> None:
    """The scope is made of what the role has, and is not empty where nothing would be seen then."""
    is_limited = row.role not in ("enterprise", "security_admin")
    # field, whether something stands there, whether the role has it, whether the role needs it
    parts = (
        ("regions", row.regions, row.role in REGION_ROLES, True),
        ("except_regions", row.except_regions, row.role in REGION_ROLES, False),
        ("grids", row.grids, row.role in GRID_ROLES, row.role == "inspector"),
        ("enterprise", row.enterprise, row.role == "enterprise", True),
        ("industries", row.industries, is_limited, False),
    )
    for field, given, has, needs in parts:
        if given and not has:
            faults.add(line, field, f"the scope of the role {row.role} is not made of these")
        elif has and needs and not given:
            faults.add(line, field, f"the role {row.role} sees nothing without")


def _check_known(row: AccountRow, line: int, around: Surroundings, faults: Faults) -> None:
    for field, codes in (("regions", row.regions), ("except_regions", row.except_regions)):
        for code in codes:
            if code not in around.divisions:
                faults.add(line, field, f"no division {code} is known here")
    for code in row.except_regions:
        if row.regions and (code in row.regions or not code.startswith(row.regions)):
            faults.add(line, "except_regions", f"{code} does not lie below one of the regions")
    for code in row.grids:
        if not around.knows_grid(code):
            faults.add(line, "grids", f"no site lies in {code}, and it begins with no known division")
    if row.enterprise is not None and row.enterprise not in around.enterprises:
        faults.add(line, "enterprise", f"no enterprise {row.enterprise} is known here")


def _account(row: AccountRow, around: Surroundings) -> NewAccount:
    return NewAccount(
        id=uuid5(ENTERED, f"user/{row.username}"),
        username=row.username,
        name=row.name,
        role=row.role,
        enterprise_id=around.enterprises[row.enterprise] if row.enterprise else None,
        regions=row.regions,
        excluded=row.except_regions,
        grids=row.grids,
        industries=tuple(sorted(row.industries)),
    )
