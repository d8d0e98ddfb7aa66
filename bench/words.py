"""What customers and colleagues say in the filled database: short sentences whose words occur as often as we choose.

Pure. `MARKS` are words that stand in exactly the given share of all cases and in no other sentence, so that a search
for one of them has a known number of hits.
"""

from __future__ import annotations

from itertools import cycle, islice, product

#: word: one case in so many says it.
MARKS = {"退款": 2, "漏水": 10, "发霉": 100, "起火": 1_000}
HALF, TENTH = "退款", "漏水"

_MARKED = {
    "退款": (
        "我就要退款，别的不要。", "麻烦尽早退款给我。", "说好的退款一直没有到账。", "退款原路退回就可以。",
        "请问退款几天能到？", "不想再修了，直接退款吧。",
    ),
    "漏水": (
        "底部一直漏水，桌上都湿了。", "第二天就开始漏水。", "接口那里漏水，拧紧也没用。", "用了三次就漏水。",
    ),
    "发霉": ("打开一看里面发霉了。", "边上一圈都发霉了。"),
    "起火": ("插上电就起火了，幸好人在旁边。", "充电的时候起火，墙都熏黑了。"),
}  # fmt: skip

PRODUCTS = (
    "电热水壶", "破壁机", "空气炸锅", "电饭煲", "吸尘器", "加湿器", "电风扇", "取暖器", "电烤箱", "微波炉", "豆浆机", "咖啡机",
    "洗碗机", "净水器", "扫地机器人", "挂烫机", "电动牙刷", "吹风机", "剃须刀", "台灯", "蓝牙耳机", "充电宝", "路由器", "键盘",
    "羽绒服", "运动鞋", "双肩包", "拉杆箱", "床垫", "四件套", "儿童座椅", "积木", "面霜", "洗面奶", "坚果礼盒", "鲜牛奶",
    "保温杯", "炒锅", "菜刀", "书桌",
)  # fmt: skip
TOWNS = (
    "杭州", "成都", "西安", "沈阳", "南宁", "昆明", "兰州", "青岛", "厦门", "长沙", "合肥", "贵阳", "太原", "海口", "洛阳", "宜昌",
    "绵阳", "汕头", "温州", "徐州", "烟台", "大理", "赣州", "遵义", "包头", "佳木斯", "喀什", "泉州", "绍兴", "株洲", "桂林", "湛江",
)  # fmt: skip
MODELS = tuple(f"{letters}{number}" for letters, number in product(("KT-", "HX", "YH-A", "Pro"), range(11, 99, 7)))

_OPENING = (
    "上个月买的{p}用了两天就坏了。", "{p}收到时外壳裂了一道口子。", "我在{t}，{p}到现在还没有送到。", "{p}少了一个配件，型号{m}。",
    "买的是{m}，收到的{p}不是这一款。", "{p}声音特别大，晚上没法睡。", "客服说{p}可以换新，后来又不承认。", "{p}有一股刺鼻的味道。",
    "{p}刚买完第二天就降价了。", "说好送的赠品没有，只有一个{p}。", "{p}寄回{t}已经十天，没有人理我。", "{p}开机没有反应，试了三个插座。",
    "维修师傅上门要收{p}的检测费。", "{p}的发票一直没有开。", "{p}和页面写的完全不一样。", "快递把{p}放在门口就走了，被人拿走了。",
    "{p}用的时候烫到了孩子的手。", "{m}这个{p}修过一次又坏了。", "{p}的盖子合不上，一碰就掉。", "{p}屏幕上全是划痕，像是别人用过的。",
)  # fmt: skip
_DETAIL = (
    "订单是在{t}下的。", "包装盒我都留着。", "照片和视频都有。", "之前打过两次电话，都说会回复。", "家里有老人要用，比较着急。",
    "我住在{t}，白天上班不方便接电话。", "型号写的是{m}。", "希望今天有人联系我。", "同事买的同款没有这个问题。", "收货地址是{t}的老小区。",
    "已经影响正常生活了。", "麻烦帮我看一下到底怎么回事。", "说明书上没有写这种情况。", "我不接受只给优惠券。",
)  # fmt: skip
_REPLY = (
    "您好，我是售后小周，您反映的{p}我已经查到了。", "已联系{t}仓库核实，下午给您结果。", "抱歉让您久等，{p}的配件今天寄出。",
    "请把{p}底部的编号拍一张照片发来。", "这边给您登记了上门检查，师傅会先打电话。", "您的{m}还在保修期内，检测不收费。",
    "物流显示包裹在{t}中转，我们已经催件。", "我先给您换一台新的{p}，旧的由快递上门取。",
)  # fmt: skip
_NEXT = ("明天中午以前给您答复。", "有进展我马上在这里告诉您。", "您看这样安排可以吗？", "单号出来后会显示在本页。")
_FOLLOW = (
    "照片发过来了，麻烦看一下。", "还是没有人打电话给我。", "{p}已经寄回{t}了。", "可以，等你们消息。", "师傅来过了，说要换主板。",
    "型号我看了，是{m}。", "今天又坏了一次，和上次一样。", "快递说没有收到取件通知。",
)  # fmt: skip
_RESULT = (
    "新的{p}已经寄出，旧的不用寄回。", "{p}已修好寄往{t}，三天内送到。", "差价已经补给您。", "配件已补发，随附一份说明。",
    "师傅确认{m}是质量问题，已为您换新。", "赠品今天补寄到{t}。",
)  # fmt: skip
_NOTE = (
    "仓库说{m}这一批有问题，先不要催客户。",
    "{t}网点答应今晚处理。",
    "客户情绪比较急，先打电话。",
    "和{p}的供应商核对过批次。",
)

_TEMPLATES = {
    "opening": _OPENING,
    "detail": _DETAIL,
    "reply": _REPLY,
    "next": _NEXT,
    "follow": _FOLLOW,
    "result": _RESULT,
    "note": _NOTE,
}
_VARIANTS = 60


def sentences() -> dict[str, list[str]]:
    """What can be said, by purpose; for a marked word the purpose is the word itself."""
    filled: dict[str, list[str]] = {}
    goods, towns, models = cycle(PRODUCTS), cycle(TOWNS), cycle(MODELS)
    for purpose, templates in _TEMPLATES.items():
        found = {
            text.replace("{p}", p).replace("{t}", t).replace("{m}", m): None
            for text in templates
            for p, t, m in islice(zip(goods, towns, models, strict=False), _VARIANTS if "{" in text else 1)
        }
        filled[purpose] = list(found)
    return filled | {word: list(texts) for word, texts in _MARKED.items()}
