"""A county's own rules on top of those that ship: day counts for its places, ladders for its offices.

The law leaves most day counts open, so what ships is policy and a county sets its own, without touching the
files of the product and without losing what it does not set.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from inspect_api.domain.deadline import ANY, DeadlineRules, Rule, reach, read_rule, refuse_repeats
from inspect_api.domain.escalation import Ladders, read_ladder
from inspect_api.domain.escalation import refuse_repeats as refuse_repeated_ladders
from inspect_api.domain.rulefiles import Faults, Table, read_table


def add_deadlines(shipped: DeadlineRules, text: str, file: str) -> DeadlineRules:
    """The shipped rules and a county's, each of which names its region and so goes before the general one.

    RuleFileError with every mistake: those of any rule file, a rule for all regions, the id of a shipped
    rule, and days between two rules for the same cases on which the general one would come back unnoticed.
    """
    faults = Faults(file)
    top = read_table(text, faults)
    tables = top.tables("rules")
    rules = [read_rule(table) for table in tables]
    top.end()
    refuse_repeats(rules, tables)
    taken = {rule.id for rule in shipped.rules}
    for rule, table in zip(rules, tables, strict=True):
        if rule.region == ANY and not table.faulty:
            table.wrong("region", "a county's own rule names its region, such as '652327'")
        if rule.id in taken:
            table.wrong("id", f"{rule.id!r} is the id of a rule that ships with the product")
    if not faults.found:
        _refuse_holes(rules, tables)
    faults.check()
    return DeadlineRules((*shipped.rules, *rules))


def add_ladders(shipped: Ladders, text: str, file: str) -> Ladders:
    """A county's ladders take the place of the shipped ones for the same grade, party and clocks.

    RuleFileError with every mistake.
    """
    faults = Faults(file)
    top = read_table(text, faults)
    tables = top.tables("ladders")
    ladders = [read_ladder(table) for table in tables]
    top.end()
    refuse_repeated_ladders(ladders, tables)
    faults.check()
    return Ladders((*ladders, *shipped.ladders))


def _refuse_holes(rules: Sequence[Rule], tables: Sequence[Table]) -> None:
    """A rule that follows another for the same cases begins on the next day."""
    pairs = sorted(zip(rules, tables, strict=True), key=lambda pair: (reach(pair[0]), pair[0].first))
    for _, group in groupby(pairs, key=lambda pair: reach(pair[0])):
        before: Rule | None = None
        for rule, table in group:
            if before is not None and before.last < date.max:
                expected = before.last + timedelta(days=1)
                if rule.first > expected:
                    table.wrong("in_force", f"leaves a gap: no rule from {expected} on, after {before.id!r}")
            before = rule
