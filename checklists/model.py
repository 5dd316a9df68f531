"""What an industry asks (authored data, the wire shape of `GET /checklists/{code}/{version}`) and what
evaluating the answers gives."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Literal, Protocol

from msgspec import Struct

from checklists.authored import Authored, Text
from checklists.conditions import Condition
from checklists.schemes import Scheme

Industry = Literal[
    "hazmat",
    "coal_mine",
    "mine",
    "tailings",
    "construction",
    "fire",
    "public_place",
    "natural_hazard",
    "other",
]
Grade = Literal["general", "major"]
Status = Literal["draft", "live", "retired"]
Rating = Literal["excellent", "pass", "fail"]
When = Literal["failing", "always"]
Requirement = Literal["photo", "note", "position", "reason", "deduct"]
ZeroReason = Literal["guarantee_item_zero", "guarantee_subtotal_low", "no_marks_left"]


class Source(Authored, frozen=True):
    """A document that items rest on. `key` is what `basis.source` names."""

    key: str
    title: Text
    doc_no: str | None = None
    issuer: str | None = None
    published: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    effective_assumed: bool = False
    status: str | None = None
    note: str | None = None


class Basis(Authored, frozen=True):
    """Where an item comes from: a source of the list, and its article where we are sure of it."""

    source: str
    article: str | None = None


class Option(Authored, frozen=True):
    """One choice; `fails` when choosing it is a hazard."""

    code: str
    text: Text
    fails: bool = False


class PassFail(Authored, frozen=True, tag_field="type", tag="pass_fail"):
    """`pass`, `fail` (the hazard is there) or `na`; with `limbs` on the item the codes of those that hold."""


class Number(Authored, frozen=True, tag_field="type", tag="number"):
    """A measured value; below `min` or above `max` it fails, the limits themselves pass."""

    unit: str
    min: float | None = None
    max: float | None = None


class Choice(Authored, frozen=True, tag_field="type", tag="choice"):
    """The code of one option."""

    options: tuple[Option, ...]


class Multi(Authored, frozen=True, tag_field="type", tag="multi"):
    """The codes of any number of options; fails when one of them does."""

    options: tuple[Option, ...]


class FreeText(Authored, frozen=True, tag_field="type", tag="text"):
    """Words; never fails."""


class Deduction(Authored, frozen=True):
    """What is deducted for what, as the standard words it: `marks`, or from `marks` to `up_to`, once or for
    each `per` (place, person); always within the marks of the item."""

    text: Text
    marks: float | None = None
    up_to: float | None = None
    per: Text | None = None


class Deduct(Authored, frozen=True, tag_field="type", tag="deduct"):
    """`pass`, `na`, or `fail` with marks deducted from `full_marks`; `guarantee` 保证项目 of JGJ 59."""

    full_marks: float
    guarantee: bool = False
    rules: tuple[Deduction, ...] = ()


AnswerType = PassFail | Number | Choice | Multi | FreeText | Deduct


class Limb(Authored, frozen=True):
    """One of the facts that a criterion joins by "and" (且), worded as the hazard that it is alone."""

    code: str
    text: Text


class Requires(Authored, frozen=True):
    """What an answer must carry; what is missing never prevents filing, it is listed as unmet."""

    photo: When | None = None
    note: When | None = None
    position: When | None = None


class OnFail(Authored, frozen=True):
    """The hazard that a failing answer opens: title, category and measure in Chinese.

    `grade: major` names the criterion that the fact matches today and, in `earlier_criteria`, those that
    the same fact matched before it came into force. `due_rule` null means the default of the grade.
    """

    grade: Grade
    title: str
    category: str
    criterion: str | None = None
    earlier_criteria: tuple[str, ...] = ()
    due_rule: str | None = None
    measure: str | None = None

    def criteria(self) -> tuple[str, ...]:
        """Every criterion that the fact matches or matched, the current one first."""
        current = () if self.criterion is None else (self.criterion,)
        return (*current, *self.earlier_criteria)


class Item(Authored, frozen=True):
    """One question; `on_fail` is absent only where no answer can fail."""

    code: str
    text: Text
    basis: Basis
    answer: AnswerType
    on_fail: OnFail | None = None
    hint: Text | None = None
    limbs: tuple[Limb, ...] = ()
    applies_when: Condition | None = None
    requires: Requires | None = None
    to_be_keyed: bool = False


class Section(Authored, frozen=True):
    """Items that are inspected together; `guide` tells the inspector how to read them.

    An `optional` section that nobody began is not there on the site: its items are not missed.
    """

    code: str
    title: Text
    items: tuple[Item, ...]
    guide: Text | None = None
    optional: bool = False


class Checklist(Authored, frozen=True, dict=True):
    """One version of a checklist, never edited once published.

    Without `effective_from` it is a draft; without `effective_to` it ends when a later version begins.
    """

    code: str
    version: str
    industry: Industry
    title: Text
    sources: tuple[Source, ...]
    sections: tuple[Section, ...]
    effective_from: date | None = None
    effective_to: date | None = None
    scoring: Scheme | None = None
    note: str | None = None

    def items(self) -> list[Item]:
        """Every item, in the order of the list."""
        return [item for section in self.sections for item in section.items]

    @cached_property
    def by_code(self) -> dict[str, Item]:
        """Every item by its code."""
        return {item.code: item for item in self.items()}


class FindingLike(Protocol):
    """One of several findings at an item, as the wire's answer carries it."""

    @property
    def n(self) -> int: ...
    @property
    def note(self) -> str | None: ...
    @property
    def photos(self) -> Sequence[str]: ...
    @property
    def position(self) -> object: ...


class AnswerLike(Protocol):
    """The wire's answer, whoever decoded it."""

    @property
    def item(self) -> str: ...
    @property
    def value(self) -> object: ...
    @property
    def note(self) -> str | None: ...
    @property
    def deduct(self) -> float | None: ...
    @property
    def photos(self) -> Sequence[str]: ...
    @property
    def findings(self) -> Sequence[FindingLike]: ...


class AnswerFinding(Struct, frozen=True, kw_only=True):
    """A `FindingLike` for those who have none of their own."""

    n: int
    note: str | None = None
    photos: list[str] = []
    position: dict[str, str | float] | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """An `AnswerLike` for those who have none of their own."""

    item: str
    value: str | int | float | list[str]
    note: str | None = None
    deduct: float | None = None
    photos: list[str] = []
    findings: list[AnswerFinding] = []


class CriteriaRef(Struct, frozen=True):
    """The criteria set, and the version of our data of it, that graded a finding: kept for ever."""

    key: str
    version: str


class Finding(Struct, frozen=True, kw_only=True):
    """One hazard that the answers show. `criterion` and `criteria_set` are there exactly when it is major;
    `reason` is the written reason of a catch-all criterion."""

    item: str
    n: int
    title: str
    category: str
    grade: Grade
    criterion: str | None
    criteria_set: CriteriaRef | None
    due_rule: str | None
    measure: str | None
    reason: str | None


class Unmet(Struct, frozen=True):
    """Something that an answer should have carried."""

    item: str
    requirement: Requirement


class SectionScore(Struct, frozen=True, kw_only=True):
    """Out of `max`; `score` is None for a section that was not inspected. `zero_reason` says which rule made
    it nought, `zero_items` which items brought that about."""

    code: str
    score: float | None
    max: float
    zero_reason: ZeroReason | None = None
    zero_items: list[str] = []


class Score(Struct, frozen=True, kw_only=True):
    """Out of 100, unrounded; the rating is by the unrounded total."""

    total: float
    rating: Rating
    sections: list[SectionScore]


class Evaluation(Struct, frozen=True, kw_only=True):
    """What the answers mean. Findings, `unanswered` and `ignored` are in the order of the list.

    `unanswered` are items that apply and have no answer; `ignored` have an answer but are known not to apply.
    `score` is None for a list without a scheme, and where nothing that counts was inspected.
    """

    findings: list[Finding]
    unanswered: list[str]
    ignored: list[str]
    unmet: list[Unmet]
    score: Score | None
