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
