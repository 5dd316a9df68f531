"""The Chinese words of the register, as its users know them."""

STATUS_NAMES = {
    "reported": "待核定",
    "plan_due": "待报方案",
    "plan_review": "方案待审",
    "rectifying": "整改中",
    "verifying": "待复查",
    "review": "待审核",
    "closed": "已销号",
    "dismissed": "不予认定",
}

GRADE_NAMES = {"general": "一般隐患", "major": "重大事故隐患"}

PARTY_NAMES = {"enterprise": "企业", "regulator": "监管部门"}

INDUSTRY_NAMES = {
    "hazmat": "危险化学品",
    "coal_mine": "煤矿",
    "mine": "非煤矿山",
    "tailings": "尾矿库",
    "construction": "建筑施工",
    "fire": "消防",
    "public_place": "公共场所",
    "natural_hazard": "自然灾害",
    "other": "其他",
}

STATUS_ENGLISH = {
    "reported": "awaiting confirmation",
    "plan_due": "plan due",
    "plan_review": "plan under review",
    "rectifying": "being rectified",
    "verifying": "awaiting re-inspection",
    "review": "awaiting final review",
    "closed": "closed",
    "dismissed": "dismissed",
}

ROLE_NAMES = {
    "inspector": "网格员",
    "officer": "执法人员",
    "regulator": "监管部门",
    "enterprise": "企业",
    "expert": "专家",
    "admin": "管理员",
}

COMMAND_NAMES = {
    "hazard.confirm": "核定",
    "hazard.dismiss": "不予认定",
    "hazard.submit_plan": "报送方案",
    "hazard.decide_plan": "审查方案",
    "hazard.request_extension": "申请延期",
    "hazard.decide_extension": "审批延期",
    "hazard.submit_rectification": "提交整改",
    "hazard.accept": "自行验收",
    "hazard.verify": "复查",
    "hazard.close": "审核销号",
    "hazard.reopen": "重新立案",
    "hazard.order_suspension": "责令停产停业",
    "hazard.request_resumption": "申请复产",
    "hazard.decide_resumption": "审查复产",
    "hazard.list_supervision": "挂牌督办",
    "hazard.delist": "摘牌",
    "hazard.transfer": "移送",
    "hazard.report_to_workers": "向职工报告",
    "hazard.decide_evidence": "认定迟到证据",
    "hazard.note": "备注",
}

WAY_NAMES = {
    "general": "一般",
    "major": "重大",
    "approved": "批准",
    "refused": "退回",
    "passed": "通过",
    "failed": "未通过",
}
