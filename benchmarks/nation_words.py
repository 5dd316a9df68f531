# ruff: noqa: SIM905 - words are read and changed more easily as words
"""What a register is written with: names of places and trades, and what inspectors find."""

PROVINCES = dict(
    pair.split(":")
    for pair in """
11:北京市 12:天津市 13:河北省 14:山西省 15:内蒙古自治区 21:辽宁省 22:吉林省 23:黑龙江省
31:上海市 32:江苏省 33:浙江省 34:安徽省 35:福建省 36:江西省 37:山东省 41:河南省
42:湖北省 43:湖南省 44:广东省 45:广西壮族自治区 46:海南省 50:重庆市 51:四川省 52:贵州省
53:云南省 54:西藏自治区 61:陕西省 62:甘肃省 63:青海省 64:宁夏回族自治区 65:新疆维吾尔自治区
""".split()
)
"""Code -> name."""

TRADES = [
    ("hazmat", "化工"),
    ("hazmat", "加油站"),
    ("hazmat", "液化气站"),
    ("hazmat", "危化品经营部"),
    ("mine", "矿业"),
    ("mine", "石料厂"),
    ("coal_mine", "煤业"),
    ("construction", "建筑工程"),
    ("construction", "市政工程"),
    ("fire", "商贸城"),
    ("public_place", "酒店"),
    ("public_place", "养老院"),
    ("other", "机械制造"),
    ("other", "食品加工"),
    ("other", "木业"),
    ("tailings", "尾矿库"),
]
"""(industry, what an enterprise calls itself)."""

PLACES = """
天山 东方 鑫源 华泰 宏达 金盛 永兴 恒通 长江 昆仑 祥和 北方 瑞丰 中天 荣昌
安顺 德隆 百川 远大 新宇 三江 福临 泰和 众鑫 龙腾
""".split()
PARTS = """
厂区 一号车间 储罐区 3#仓库 办公楼 B座 施工现场 南门店 装卸区 配电室
""".split()
THINGS = """
可燃气体报警器 灭火器 安全出口指示灯 防护栏 配电箱 压力表 氧气瓶 消防通道 静电接地
安全阀 应急照明 通风机 防爆电器 操作规程 警示标志 脚手架连墙件 吊篮安全绳 储罐液位计
有限空间作业票 特种作业证 反应釜联锁 尾砂坝浸润线 卷帘门 疏散楼梯 电焊机外壳
""".split()
FAULTS = """
未投用 失效 过期未检 被遮挡 缺失 破损 未接地 压力不足 未按规定设置 堆放杂物
私自拆除 未定期检测 记录不全 锈蚀严重 未持证上岗
""".split()
WHERE = """
东侧 西北角 二层楼梯口 三楼走廊 罐区南侧 入口处 地下室 屋面 井口 西墙边 5#机旁
""".split()
REMARKS = """
现场检查发现 经核实 要求立即整改 限期完成 存在较大风险 负责人已知晓 上次检查已提出
拍照留存 工人正在作业 未见台账 型号MFZ/ABC4 额定压力1.6MPa
有效期至2025-06 与图纸不符 管理不到位
""".split()
OPEN = """
reported rectifying rectifying rectifying verifying review plan_due plan_review
""".split()
"""Statuses of open hazards, as often as they are met."""
