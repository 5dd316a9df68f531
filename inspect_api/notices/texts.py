"""The words of notices, Chinese, as the receiver reads them."""

from datetime import date, datetime

from inspect_api.domain.calendar import CIVIL

CLOCK_NAMES = {
    "plan": "报送治理方案",
    "rectification": "整改",
    "report_to_workers": "向职工代表大会报告",
    "service": "送达整改通知",
    "confirmation": "核定隐患",
    "plan_decision": "审查治理方案",
    "extension_decision": "审批延期申请",
    "reinspection": "复查",
    "final_review": "审核销号",
    "resumption_decision": "审查复产申请",
    "listing_publication": "公布挂牌督办通知",
    "listing": "挂牌督办办结",
    "delisting": "摘牌",
}
"""What a clock's party owes."""


def step_title(name: str, number: str) -> str:
    return f"{name}：隐患 {number}"


def step_text(number: str, title: str, clock: str, due_at: datetime, name: str) -> str:
    """A step of the ladder, before or after the due date."""
    return (
        f"隐患 {number}（{title}）的“{CLOCK_NAMES[clock]}”期限为 {_day(due_at)}。"
        f"现予{name}，请按期办理并答复。"
    )


def alert_title(number: str) -> str:
    return f"重大事故隐患报告：{number}"


def alert_text(number: str, title: str, found_by_officer: bool) -> str:
    stands = "执法人员现场判定为重大事故隐患" if found_by_officer else "疑似重大事故隐患，待核定"
    return f"{number}（{title}）：{stands}。"


def service_title(number: str) -> str:
    return f"整改通知：隐患 {number}"


def service_text(number: str, title: str) -> str:
    return f"发现隐患 {number}（{title}）。自本通知送达之时起计算整改期限，请立即组织整改。"


def withdrawal_title(name: str, number: str) -> str:
    return f"撤回{name}：隐患 {number}"


def withdrawal_text(number: str, title: str, clock: str, due_at: datetime, name: str) -> str:
    """A step is taken back because late evidence shows that the work was done in time."""
    return (
        f"迟到的证据表明，隐患 {number}（{title}）的“{CLOCK_NAMES[clock]}”已在期限 {_day(due_at)} 前完成，"
        f"原发{name}自始撤回。"
    )


def undelivered_title(day: date) -> str:
    return f"通知未能送达：{day.year}年{day.month}月{day.day}日"


def undelivered_text(number: str, receiver: str) -> str:
    return (
        f"通知 {number}（接收人：{receiver}）经全部外部渠道均未送达，系统将继续重试。"
        "请核对联系方式和渠道设置，必要时另行送达；今日其余未送达的通知见送达记录。"
    )


def damaged_title(day: date) -> str:
    return f"证据照片损坏：{day.year}年{day.month}月{day.day}日"


def damaged_text(number: str, sha256: str) -> str:
    return (
        f"巡检发现隐患 {number} 的证据照片（SHA-256：{sha256}）在存储中损坏或丢失，已停止展示。"
        "请通知系统管理员从备份恢复；若拍摄人手机仍保留原件，重新上传即可修复。今日其余损坏的照片见管理员清单。"
    )


def listing_title(number: str) -> str:
    return f"挂牌督办通知：隐患 {number}"


def listing_text(number: str, title: str, level: str, due_at: datetime) -> str:
    by = {"county": "县级", "city": "市级", "province": "省级", "state": "国家级"}[level]
    return f"重大事故隐患 {number}（{title}）由{by}挂牌督办，请于 {_day(due_at)}前办结。"


def notice_number(kind: str, region_code: str, at: datetime, letters: str) -> str:
    """County, kind, day and letters of the id: `652327-T-261121-7F3K9QAB`."""
    initial = {"step": "T", "alert": "J", "service": "S", "withdraw": "C", "listing": "G"}[kind]
    return f"{region_code[:6]}-{initial}-{at.astimezone(CIVIL):%y%m%d}-{letters}"


def _day(moment: datetime) -> str:
    local = moment.astimezone(CIVIL)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"
