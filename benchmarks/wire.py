"""What a day's inspections weigh on the wire. `python -m benchmarks.wire`

100 inspections as the demo's phone captures them: 30 answers of a real checklist, two of them failing with a
note, no signatures and no photos; an inspector's week. Ids are as random as ids can be: those of phones
(UUIDv7), with their time inside, weigh a little less.
"""

import gzip
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import msgspec
import zstandard

from benchmarks.measuring import machine, report
from checklists import catalog
from checklists.model import Item, PassFail
from inspect_api.clock import MovableClock
from inspect_api.demo.county import load_county
from inspect_api.demo.link import Encoding, pack
from inspect_api.demo.phone import Phone, PhoneClock
from sync.bodies import Answer, Attendee, ChecklistRef, Position, SubmitInspection
from sync.envelope import Push
from sync.limits import PROTOCOL_MAX

INSPECTIONS, ANSWERS, FINDINGS = 100, 30, 2
GOAL_BYTES = 25_000
LISTS = {"hazmat": "hazmat.aq3067-2026", "construction": "construction.jgj59-2011"}

WHERE = ["东侧储罐区", "2号卸车口", "配电室", "值班室门口", "西北角围墙内", "加油机旁", "仓库二层",
         "三号楼南立面", "材料堆场", "锅炉房", "地下一层通道", "装卸平台"]  # fmt: skip
WHAT = ["灭火器压力不足，指针在红区", "静电接地线断开未接", "围堰有裂缝约{n}厘米", "安全警示标志褪色看不清",
        "应急预案演练记录缺{m}月", "可燃气体报警器未检定", "临边防护缺失{n}米", "配电箱未上锁，无责任人标识",
        "特种作业证已过期{n}天", "消防通道堆放杂物", "液位计上限报警失灵", "脚手架连墙件缺{m}处"]  # fmt: skip
TOLD = ["", "，已口头告知现场负责人", "，要求三日内更换", "，当场拍照并要求停用", "，上次检查已指出过"]
NAMES = ["王建国", "马晓东", "阿依古丽", "李志强", "努尔兰", "张秀英"]


def main() -> None:
    print(machine())
    for encoding in ("json", "msgpack"):
        body = push_body(encoding, random.Random(652327))
        sizes = {
            "plain": len(body),
            "gzip": len(gzip.compress(body)),
            "zstd": len(zstandard.ZstdCompressor().compress(body)),
            "zstd 19": len(zstandard.ZstdCompressor(level=19).compress(body)),
        }
        goal = {"with zstd bytes each": sizes["zstd"] / INSPECTIONS, "goal bytes in all": GOAL_BYTES}
        report(f"{INSPECTIONS} inspections in {encoding}, bytes", sizes | goal)


def push_body(encoding: Encoding, dice: random.Random) -> bytes:
    """The body of the push, as the phone builds it."""
    clock = MovableClock(datetime(2026, 11, 16, 1, 0, tzinfo=UTC))
    phone = Phone(httpx.Client(), PhoneClock(clock), uuid4(), encoding=encoding)
    sites = [site for site in load_county().sites if site.industry in LISTS]
    for _ in range(INSPECTIONS):
        clock.advance(timedelta(minutes=dice.randint(18, 55), milliseconds=dice.randint(0, 999)))
        site = dice.choice(sites)
        phone.capture("inspection.submit", uuid4(), _inspection(phone, site.id, LISTS[site.industry], dice))
    ops = [msgspec.Raw(captured.raw) for captured in phone.memory.waiting]
    push = Push(
        protocol=PROTOCOL_MAX,
        device_id=phone.memory.device_id,
        batch_id=uuid4(),
        sent=phone.clock.read(),
        known_epoch=str(uuid4()),
        ops=ops,
    )
    return pack(push, encoding)


def _inspection(phone: Phone, site_id: UUID, code: str, dice: random.Random) -> SubmitInspection:
    finished = phone.clock.wall()
    entry = catalog.get(code, "1")
    assert entry is not None
    items = [item for item in entry.checklist.items() if isinstance(item.answer, PassFail) and not item.limbs]
    if len(items) < ANSWERS:
        items = entry.checklist.items()
    chosen = items[:ANSWERS] if dice.random() < 0.7 else items[-ANSWERS:]
    failing = set(dice.sample(range(ANSWERS), FINDINGS))
    return SubmitInspection(
        site_id=site_id,
        checklist=ChecklistRef(code=code, version="1"),
        started_at=finished - timedelta(minutes=dice.randint(10, 17), seconds=dice.randint(0, 59)),
        finished_at=finished,
        position=Position(
            lat=round(43.9 + dice.random() / 5, 6), lon=round(89.0 + dice.random() / 3, 6),
            accuracy_m=dice.choice([5.0, 8.0, 12.0, 20.0]), datum="gcj02",
        ),
        answers=[_answer(item, n in failing, dice) for n, item in enumerate(chosen)],
        attendees=[Attendee(role="principal", name=dice.choice(NAMES))],
    )  # fmt: skip


def _answer(item: Item, fails: bool, dice: random.Random) -> Answer:
    if not fails:
        return Answer(item=item.code, value="pass" if dice.random() < 0.9 else "na")
    what = dice.choice(WHAT).format(n=dice.randint(2, 60), m=dice.randint(1, 9))
    return Answer(item=item.code, value="fail", note=dice.choice(WHERE) + what + dice.choice(TOLD))


if __name__ == "__main__":
    main()
