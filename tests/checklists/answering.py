"""Answers to any checklist: those that fail an item, those that reach it, and arbitrary ones."""

from hypothesis import strategies as st

from checklists.conditions import Condition
from checklists.model import Answer, Checklist, Choice, Deduct, FreeText, Item, Multi, Number
from checklists.reach import Way, find_way
from tests.checklists.sample import as_answer

Value = str | int | float | list[str]
NOTES = st.none() | st.sampled_from(["", "东侧货架", "三号罐区北侧"])


def failing(item: Item) -> Answer:
    """An answer that fails the item, with everything that may be required."""
    value: Value
    match item.answer:
        case Number(min=low, max=high):
            value = low - 1 if low is not None else (high or 0) + 1
        case Choice(options=options):
            value = next(option.code for option in options if option.fails)
        case Multi(options=options):
            value = [option.code for option in options if option.fails]
        case _:
            value = [limb.code for limb in item.limbs] if item.limbs else "fail"
    deduct = 1.0 if isinstance(item.answer, Deduct) else None
    return Answer(item=item.code, value=value, note="现场所见", photos=["a" * 64], deduct=deduct)


def some(item: Item) -> Answer:
    """An answer that fails the item where one can, else any that it takes."""
    if item.on_fail is not None:
        return failing(item)
    value: Value
    match item.answer:
        case Number():
            value = 1
        case Choice(options=options):
            value = options[0].code
        case Multi():
            value = []
        case _:
            value = "现场整洁"
    return Answer(item=item.code, value=value)


def way_to(checklist: Checklist, item: Item, condition: Condition) -> Way:
    """Earlier answers and site facts that make the condition of the item true."""
    earlier: dict[str, Item] = {}
    for one in checklist.items():
        if one.code == item.code:
            break
        earlier[one.code] = one
    way = find_way(condition, earlier)
    assert way is not None, f"{item.code} cannot be reached"
    return way


def reaching(way: Way) -> list[Answer]:
    return [as_answer(code, value) for code, value in way.answers.items()]


def site_of(way: Way) -> dict[str, str | float | bool | None]:
    return {name: value for name, value in way.site.items() if not isinstance(value, tuple)}


def values(item: Item) -> st.SearchStrategy[Value]:
    match item.answer:
        case Number():
            return st.floats(-100, 100) | st.integers(-100, 100) | st.just("na")
        case Choice(options=options):
            return st.sampled_from([*(option.code for option in options), "na"])
        case Multi(options=options):
            codes = [option.code for option in options]
        case FreeText():
            return st.sampled_from(["", "na", "现场整洁"])
        case _ if item.limbs:
            codes = [limb.code for limb in item.limbs]
        case _:
            return st.sampled_from(["pass", "fail", "na"])
    return st.lists(st.sampled_from(codes), unique=True) | st.just("na")


@st.composite
def answers(draw: st.DrawFn, checklist: Checklist) -> list[Answer]:
    """A valid answer to each of some items, in any order."""
    items = draw(st.lists(st.sampled_from(checklist.items()), unique_by=lambda item: item.code))
    return [
        Answer(
            item=item.code,
            value=draw(values(item)),
            note=draw(NOTES),
            photos=draw(st.sampled_from([[], ["a" * 64]])),
        )
        for item in items
    ]


sites = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "risk": st.sampled_from(["red", "blue", None]),
        "major_hazard_level": st.sampled_from([0, 2, 4, None]),
        "tank_farm": st.booleans(),
        "hydrology": st.sampled_from(["simple", "complex"]),
        "spontaneous_fire": st.booleans(),
    },
)
