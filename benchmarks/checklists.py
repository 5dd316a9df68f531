"""Evaluating an inspection against decoding it; loading the library. `python -m benchmarks.checklists`"""

import subprocess
import sys
from datetime import date
from statistics import median
from time import process_time

import msgspec

from benchmarks.measuring import compare, machine, report
from checklists import catalog
from checklists.evaluate import evaluate
from checklists.model import Answer, Checklist, Deduct, Item, PassFail

ITEMS = 60
ON = date(2026, 11, 21)
RATIO_GOAL = 10
LOAD_GOAL_MS = 300
MEMORY_GOAL_MB = 50

TIME = """\
import time
from checklists import catalog
begin, spent = time.perf_counter(), time.process_time()
catalog.entries()
print((time.process_time() - spent) * 1000, (time.perf_counter() - begin) * 1000)
"""
MEMORY = """\
import tracemalloc
from checklists import catalog
tracemalloc.start()
catalog.entries()
print(*(each / 2**20 for each in tracemalloc.get_traced_memory()))
"""


def main() -> None:
    print(machine())
    for code in ("hazmat.aq3067-2026", "construction.jgj59-2011"):
        entry = catalog.get(code, "1")
        if entry is not None:
            _evaluating(entry.checklist)
    _loading()


def _evaluating(checklist: Checklist) -> None:
    """The first 60 items, one in fifteen failing, as an inspector sends them."""
    wire = msgspec.json.encode([_answer(item, place) for place, item in enumerate(checklist.items()[:ITEMS])])
    decoder = msgspec.json.Decoder(list[Answer])
    answers, criteria = decoder.decode(wire), catalog.criteria()
    evaluation = evaluate(checklist, answers, None, ON, criteria)
    taken = compare(
        {
            "decode": lambda: decoder.decode(wire),
            "evaluate": lambda: evaluate(checklist, answers, None, ON, criteria),
        },
        rounds=15,
        times=200,
        clock=process_time,
    )
    report(
        f"checklist {checklist.code}",
        {
            "answers": len(answers),
            "findings": len(evaluation.findings),
            "decode us": taken["decode"] * 1e6,
            "evaluate us": taken["evaluate"] * 1e6,
            "ratio": taken["evaluate"] / taken["decode"],
            "goal": RATIO_GOAL,
        },
    )


def _answer(item: Item, place: int) -> Answer:
    fails = place % 15 == 7
    value: str | float | list[str]
    match item.answer:
        case PassFail() if item.limbs:
            value = [item.limbs[0].code] if fails else []
        case PassFail() | Deduct():
            value = "fail" if fails else "pass"
        case _:
            value = "na"
    deduct = 2.0 if fails and isinstance(item.answer, Deduct) else None
    note = "东侧储罐区围堰破损，宽约30厘米" if fails else None
    return Answer(item=item.code, value=value, note=note, deduct=deduct, photos=["a" * 64] if fails else [])


def _loading() -> None:
    """In processes of their own: what a start costs."""
    starts = [_alone(TIME) for _ in range(5)]
    processor, clock = median(one[0] for one in starts), median(one[1] for one in starts)
    kept, peak = _alone(MEMORY)
    items = sum(len(entry.checklist.items()) for entry in catalog.entries())
    report(
        "library of checklists",
        {
            "lists": len(catalog.entries()),
            "items": items,
            "processor ms": processor,
            "by the clock ms": clock,
            "goal ms": LOAD_GOAL_MS,
            "kept MB": kept,
            "at most MB": peak,
            "goal MB": MEMORY_GOAL_MB,
        },
    )


def _alone(script: str) -> list[float]:
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return [float(figure) for figure in run.stdout.split()]


if __name__ == "__main__":
    main()
