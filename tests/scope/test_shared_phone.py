"""One phone, two people: what somebody else captured waits for that person, or for a supervisor."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from inspect_api.actions import change_scope
from inspect_api.actions.quarantine import Quarantined, QuarantineFilter, decide, list_quarantine
from inspect_api.errors import Code, Refusal
from inspect_api.store.hazards import HAZARD
from inspect_api.store.operations import OPERATION
from tests.scope.county import County, Phone, codes

OTHER = "quarantined other_author"


class Shared:
    """张巡查 has captured on a phone on which 李巡查 is logged in now."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.grid = county.grid(1)
        self.author = county.join("张巡查", "inspector", grids=[self.grid])
        self.other = county.join("李巡查", "inspector", grids=[self.grid])
        device = uuid4()
        self.mine = county.phone("张巡查", device)
        self.others = county.phone("李巡查", device)
        self.site = county.build(self.grid)

    def capture(self, **more: Any) -> dict[str, Any]:
        return self.mine.report(site_id=self.site) | {"user_id": str(self.author), **more}

    def decide(self, name: str, op: dict[str, Any], action: str = "release") -> str:
        def act(work: Any) -> str:
            work.caller = self.county.caller(work, self.county.people[name], None)
            return decide(work, UUID(op["op_id"]), action, "已核对").code  # type: ignore[arg-type]

        return self.county.app.write(act)

    def queue(self, name: str) -> list[Quarantined]:
        def look(work: Any) -> list[Quarantined]:
            work.caller = self.county.caller(work, self.county.people[name], None)
            return list_quarantine(work, QuarantineFilter(), 200, None).items

        return self.county.app.read(look)

    def whose(self, op: dict[str, Any]) -> tuple[str, UUID]:
        with self.county.app.db.read() as tx:
            query = sa.select(OPERATION.c.code, OPERATION.c.account_id)
            row = tx.execute(query.where(OPERATION.c.filed_id == UUID(op["op_id"]))).one()
        return row.code, row.account_id

    def finder(self, op: dict[str, Any]) -> UUID:
        with self.county.app.db.read() as tx:
            query = sa.select(HAZARD.c.found_by).where(HAZARD.c.id == UUID(op["entity_id"]))
            found: UUID = tx.execute(query).scalar_one()
        return found


@pytest.fixture
def shared(county: County) -> Shared:
    return Shared(county)


def test_the_author_pushes_it_himself(shared):
    ops = [shared.capture() for _ in range(3)]
    own = shared.others.report(site_id=shared.site) | {"user_id": str(shared.other)}
    assert codes(shared.others.push(*ops, own)) == [OTHER, OTHER, OTHER, "applied"]
    outcomes = shared.mine.push(*ops)
    assert codes(outcomes) == ["duplicate"] * 3
    assert codes(outcome["first"] for outcome in outcomes) == ["applied"] * 3
    assert {shared.whose(op) for op in ops} == {("applied", shared.author)}
    assert {shared.finder(op) for op in ops} == {shared.author}
    assert codes(o["first"] for o in shared.others.push(*ops)) == ["applied"] * 3
    shared.others.pull()
    assert shared.others.store["outcome", ops[0]["op_id"]]["code"] == "applied"


def test_he_pushes_it_from_another_phone(shared):
    """The outbox was carried over when he got a new one."""
    op = shared.capture()
    assert codes(shared.others.push(op)) == [OTHER]
    new = Phone(shared.county, shared.author, uuid4())
    assert codes(o["first"] for o in new.push(op)) == ["applied"]


def test_a_chain_of_his_with_what_he_has_captured_since(shared):
    """All of his outbox at once: what was handed in for him may wait for what was not, and the other way."""
    first = shared.capture()
    second = shared.capture(depends_on=[first["op_id"]])
    third = shared.capture(depends_on=[second["op_id"]])
    fourth = shared.capture(depends_on=[third["op_id"]])
    assert codes(shared.others.push(second, fourth)) == [OTHER, OTHER]
    outcomes = shared.mine.push(fourth, third, second, first, second)
    assert codes(outcomes) == ["duplicate", "applied", "duplicate", "applied", "duplicate"]
    assert codes(outcome.get("first", outcome) for outcome in outcomes) == ["applied"] * 5


def test_somebody_else_again_changes_nothing(shared):
    op = shared.capture()
    assert codes(shared.others.push(op)) == [OTHER]
    assert codes(o["first"] for o in shared.others.push(op)) == [OTHER]
    third = shared.county.join("王巡查", "inspector", grids=[shared.grid])
    stranger = Phone(shared.county, third, shared.mine.device_id)
    assert codes(o["first"] for o in stranger.push(op)) == [OTHER]
    assert shared.whose(op) == ("quarantined", shared.other)


def test_other_content_under_the_same_id_releases_nothing(shared):
    op = shared.capture()
    forged = op | {"body": {**op["body"], "description": "另一处"}}
    assert codes(shared.others.push(forged)) == [OTHER]
    assert codes(shared.mine.push(op)) == ["quarantined op_id_reused"]
    assert shared.whose(op) == ("quarantined", shared.other)


def test_he_releases_it_without_pushing(shared):
    op = shared.capture()
    shared.others.push(op)
    listed = shared.queue("张巡查")
    assert [(item.op_id, item.author.id, item.handed_in_by.id) for item in listed if item.author] == [
        (op["op_id"], shared.author, shared.other)
    ]
    assert shared.decide("张巡查", op) == "applied"
    assert shared.whose(op) == ("applied", shared.author)


def test_a_supervisor_releases_it_as_the_authors(shared):
    op = shared.capture()
    shared.others.push(op)
    assert [item.op_id for item in shared.queue("regulator1")] == [op["op_id"]]
    assert shared.decide("regulator1", op) == "applied"
    assert shared.whose(op) == ("applied", shared.author)
    assert shared.finder(op) == shared.author


def test_nobody_else_does(shared):
    op = shared.capture()
    shared.others.push(op)
    for name, action, code in (
        ("李巡查", "release", Code.FORBIDDEN),
        ("张巡查", "dismiss", Code.FORBIDDEN),
        ("regulator2", "release", Code.NOT_FOUND),
    ):
        with pytest.raises(Refusal) as refused:
            shared.decide(name, op, action)
        assert refused.value.code is code
    assert shared.queue("李巡查")[0].author is None  # naming an id tells nobody whose it is
    assert shared.whose(op) == ("quarantined", shared.other)


def test_a_supervisor_who_hands_it_in_does_not_release_it(shared):
    """He could have written it himself."""
    carrier = Phone(shared.county, shared.county.people["regulator1"], uuid4())
    op = shared.capture()
    assert codes(carrier.push(op)) == [OTHER]
    with pytest.raises(Refusal) as refused:
        shared.decide("regulator1", op)
    assert refused.value.code is Code.SEPARATION_OF_DUTIES


def test_an_author_whom_nobody_knows(shared):
    op = shared.capture(user_id=str(uuid4()))
    assert codes(shared.others.push(op)) == [OTHER]
    assert shared.queue("regulator1")[0].author is None
    with pytest.raises(Refusal) as refused:
        shared.decide("regulator1", op)
    assert refused.value.code is Code.OTHER_AUTHOR
    assert shared.whose(op) == ("quarantined", shared.other)
    assert shared.decide("regulator1", op, "dismiss") == "quarantined"
    assert shared.whose(op)[0] == "dismissed"


def test_judged_by_the_authors_scope_and_moment(shared):
    before = shared.capture()
    shared.county.later(minutes=5)
    shared.county.change(change_scope.take_grid, "张巡查", shared.grid)
    shared.county.later(minutes=5)
    after = shared.capture()
    shared.others.push(before, after)
    outcomes = [outcome["first"] for outcome in shared.mine.push(before, after)]
    assert codes(outcomes) == ["applied", "quarantined scope_revoked"]
    assert outcomes[0]["flags"] == ["scope_moved"]
    assert shared.decide("regulator1", after) == "applied"


def test_what_a_supervisor_released_stays_released_while_it_waits(shared):
    shared.county.change(change_scope.take_grid, "张巡查", shared.grid)
    shared.county.later(minutes=5)
    parent = shared.others.report(site_id=shared.site)
    op = shared.capture(depends_on=[parent["op_id"]])
    assert codes(shared.others.push(op)) == [OTHER]
    assert shared.decide("regulator1", op) == "held"
    assert codes(shared.others.push(parent)) == ["applied"]
    assert shared.whose(op) == ("applied", shared.author)
