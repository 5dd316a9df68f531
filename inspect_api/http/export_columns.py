"""The columns of an exported register, with the words that its users know."""

from datetime import datetime

from inspect_api.actions.export_hazards import Exported
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.words import GRADE_NAMES, INDUSTRY_NAMES, PARTY_NAMES, STATUS_NAMES

Value = str | int | float | None

_ORDER_NAMES = {"self": "自查自改", "urged": "督促整改", "ordered": "责令整改"}
_LEVEL_NAMES = {"county": "县级", "city": "市级", "province": "省级", "state": "国家级"}

HEADINGS = (
    "编号", "隐患", "描述", "级别", "整改方式", "状态", "行业", "场所", "企业", "地区代码", "地区", "网格",
    "上报时间", "整改期限", "是否逾期", "逾期天数", "逾期责任方", "升级", "挂牌督办", "停产停业", "纬度",
    "经度", "标识",
)  # fmt: skip
"""Times are of the civil day in China; latitude and longitude are degrees in WGS-84."""


def values(row: Exported) -> tuple[Value, ...]:
    """One for each heading."""
    hazard = row.hazard
    lat, lon = row.place or (None, None)
    return (
        hazard.number,
        hazard.title,
        row.description,
        GRADE_NAMES[hazard.grade],
        _ORDER_NAMES[hazard.order],
        STATUS_NAMES[hazard.status],
        INDUSTRY_NAMES[hazard.industry],
        hazard.site.name if hazard.site else None,
        hazard.enterprise.name if hazard.enterprise else None,
        hazard.region.code,
        hazard.region.name,
        hazard.grid_code,
        _civil(hazard.reported_at),
        _civil(hazard.due_at),
        "是" if hazard.overdue else "否",
        hazard.overdue_days,
        PARTY_NAMES[hazard.overdue_by] if hazard.overdue_by else None,
        hazard.escalation.name if hazard.escalation else None,
        _LEVEL_NAMES[hazard.listed.level] if hazard.listed else None,
        "是" if hazard.suspended else "否",
        lat,
        lon,
        str(hazard.id),
    )


def _civil(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(CIVIL).isoformat(" ", "minutes")[:16]
