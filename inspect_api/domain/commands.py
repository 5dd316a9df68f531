"""Giving a command: the table says whether it may be given and where it leads, the effect what else it does.

Every effect stands here with its words, from which the documentation is printed.
"""

from collections.abc import Callable
from typing import NamedTuple

from inspect_api.domain import effects
from inspect_api.domain.clocks import HazardFile
from inspect_api.domain.effects import Deed, Turn
from inspect_api.domain.moves import judge
from inspect_api.domain.stages import enter, serve_by_act
from inspect_api.errors import Refusal


class Effect(NamedTuple):
    """What a command does beyond the status and its clocks."""

    do: Callable[[HazardFile, Deed], Turn | None]
    zh: str
    en: str


EFFECTS: dict[str, Effect] = {
    "hazard.confirm": Effect(
        effects.confirm,
        "定级；定为重大的须注明判定标准并即时告知县级；两名执法人员署名的为责令整改；可定期限，自送达起算",
        "grades it; a major one needs its criterion and alerts the county at once; named by two officers it "
        "becomes an order; may set the date, which waits for the service",
    ),
    "hazard.dismiss": Effect(
        effects.dismiss,
        "不予认定；可并入另一条未销号隐患，双方互相注明",
        "not a hazard, or merged into another open one; each then names the other",
    ),
    "hazard.submit_plan": Effect(
        effects.submit_plan,
        "方案各要素缺一不可：目标、措施、资金、机构、责任人、时限、应急预案",
        "refused unless every element is there: goals, measures, funds, organisation, responsible person, "
        "time limit, contingency plan",
    ),
    "hazard.decide_plan": Effect(
        effects.decide_plan,
        "批准的，以方案时限为整改期限（时限已过的按规则另计）；退回的，重新报送",
        "approved: the plan's date becomes the due date (the rule's where it has passed); refused: owed anew",
    ),
    "hazard.request_extension": Effect(
        effects.request_extension,
        "写明理由和临时防范措施；监管部门的审批期限起算",
        "with reasons and interim measures; the regulator's clock for the decision starts",
    ),
    "hazard.decide_extension": Effect(
        effects.decide_extension,
        "批准的，期限顺延；首次期限随之改变，复查未通过后不再改变",
        "granted: the due date moves, and the first due date with it unless a re-inspection has failed",
    ),
    "hazard.submit_rectification": Effect(
        effects.submit_rectification,
        "他人发现的须附照片；记录整改人",
        "with a photo where others found it; notes who rectified",
    ),
    "hazard.accept": Effect(
        effects.accept,
        "由企业另一人验收；按比例抽中的，由检查人员抽查",
        "by a second person of the enterprise; a share of these is drawn for inspectors to look at",
    ),
    "hazard.verify": Effect(
        effects.verify,
        "记录复查人；未通过的计一次反复，重定期限，超期天数仍自首次期限起算",
        "notes who re-inspected; failed: a repeat with a new due date, overdue days from the first one",
    ),
    "hazard.close": Effect(effects.close, "由另一人审核销号", "by another person than who re-inspected"),
    "hazard.reopen": Effect(
        effects.reopen,
        "重新整改：期限和向职工报告均重新起算；不予认定的重新核定",
        "rectified anew, with a new due date and a new report to the workers; dismissed: confirmed anew",
    ),
    "hazard.order_suspension": Effect(
        effects.order_suspension, "责令停产停业或停用（第65条）", "suspended (Work Safety Law art. 65)"
    ),
    "hazard.request_resumption": Effect(
        effects.request_resumption,
        "监管部门10日内审查（总局令第16号第23条）",
        "the regulator reviews within 10 days (Order 16 art. 23)",
    ),
    "hazard.decide_resumption": Effect(
        effects.decide_resumption,
        "同意的恢复生产；不同意的继续停产，可再申请",
        "approved: resumed; refused: still suspended, and may be asked again",
    ),
    "hazard.list_supervision": Effect(
        effects.list_supervision,
        "定级别和办结日期，向企业发挂牌督办通知；公布、办结、摘牌各有期限",
        "sets level and date and sends the listing notice; clocks to publish, to finish and to delist",
    ),
    "hazard.delist": Effect(effects.delist, "摘牌", "taken off the list"),
    "hazard.transfer": Effect(
        effects.transfer,
        "移送有编号记录：对象、理由、时间、移送人、案情",
        "a numbered record: to whom, why, when, by whom, and what the case is",
    ),
    "hazard.report_to_workers": Effect(
        effects.report_to_workers,
        "须附证明；不影响销号，逾期由企业自负",
        "with its proof; it does not gate the end, and is the enterprise's own clock",
    ),
    "hazard.decide_evidence": Effect(
        effects.decide_evidence,
        "认定按期完成的，撤销期间所采取的措施并发撤回通知；否则维持",
        "in time: the steps taken meanwhile are taken back with notices of withdrawal; else they stand",
    ),
    "hazard.note": Effect(effects.note, "仅记录", "stands in the history"),
}


def apply_command(file: HazardFile, deed: Deed) -> None:
    """Change the hazard and its clocks. Raises Refusal, having changed nothing, when it may not be."""
    verdict = judge(file.hazard, deed.kind, deed.actor.role, deed.actor.id, deed.now)
    if verdict.move is None:
        raise Refusal(verdict.code, verdict.why)
    unserved = file.running("service") is not None
    turn = EFFECTS[deed.kind].do(file, deed)
    if turn is not None:
        enter(file, verdict.move.to[turn.way], deed.now, deed.book, turn.due_at, turn.rule)
    if unserved and deed.actor.role == "enterprise":
        serve_by_act(file, deed.now, deed.book)
    file.settle()
