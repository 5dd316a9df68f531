"""How versions stand beside each other in the catalogue, and which criteria sets a phone gets with them."""

from datetime import date

from checklists.catalog import arrange
from checklists.loading import load_library
from checklists.wire import publish
from tests.checklists.sample import CHECKLIST, NEW, OLD, checklist, criteria

FILES = {"criteria.new@2.yaml": NEW, "criteria.old@1.yaml": OLD}


def test_an_open_ended_version_ends_the_day_before_the_next_begins() -> None:
    second = CHECKLIST.replace("version: '1'", "version: '2'").replace("2026-01-01", "2026-06-01")
    draft = CHECKLIST.replace("version: '1'", "version: '3'").replace("effective_from: 2026-01-01\n", "")
    texts = {"sample@1.yaml": CHECKLIST, "sample@2.yaml": second, "sample@3.yaml": draft}
    entries = arrange(load_library(FILES | texts))
    first, later, trial = (entries["sample.warehouse", version] for version in "123")
    assert (first.live_to, later.live_to) == (date(2026, 5, 31), None)
    assert [entry.status(date(2026, 5, 31)) for entry in (first, later, trial)] == ["live", "draft", "draft"]
    assert [entry.status(date(2026, 6, 1)) for entry in (first, later, trial)] == ["retired", "live", "draft"]
    assert len({first.digest, later.digest, trial.digest}) == 3


def test_a_phone_gets_the_sets_that_are_named_and_their_parents() -> None:
    sets = publish(checklist(), criteria()).criteria_sets
    assert [(one.key, [mark.id for mark in one.criteria]) for one in sets] == [
        ("OLD", ["OLD-1"]),
        ("NEW", ["NEW-1", "NEW-2", "NEW-3"]),
    ]
    assert [mark.catch_all for mark in sets[1].criteria] == [False, False, True]
    parent = (
        NEW.replace("key: NEW", "key: PARENT").replace("NEW-", "PARENT-").replace("2026-09-30", "2026-01-01")
    )
    child = NEW.replace("key: NEW", "key: NEW\nparent: PARENT")
    old = OLD.replace("2026-09-29", "2025-12-31")
    texts = {"criteria.parent@2.yaml": parent, "criteria.new@2.yaml": child, "criteria.old@1.yaml": old}
    library = load_library(texts | {"sample@1.yaml": CHECKLIST})
    with_parent = publish(library.checklists["sample.warehouse", "1"], library.criteria).criteria_sets
    assert [one.key for one in with_parent] == ["OLD", "PARENT", "NEW"]
    assert with_parent[1].criteria == ()
