"""The categories a shop starts with; everything about them can be changed on the categories page."""

from django.db import migrations

# code, Chinese, English, danger to people, children
TREE = [
    ("quality", "质量", "Quality", False, [
        ("quality-leak", "漏水漏气", "Leaks", False),
        ("quality-broken", "不工作", "Does not work", False),
        ("quality-noise", "异响", "Strange noise", False),
        ("quality-look", "外观瑕疵", "Looks", False),
        ("quality-smell", "异味", "Smell", False),
        ("quality-again", "修过又坏", "Broken again", False),
    ]),
    ("delivery", "物流", "Delivery", False, [
        ("delivery-late", "迟迟没到", "Late"  , False),
        ("delivery-lost", "丢件", "Lost", False),
        ("delivery-damaged", "运输破损", "Damaged on the way", False),
        ("delivery-person", "配送服务", "Courier", False),
    ]),
    ("wrong", "错发漏发", "Wrong or missing", False, [
        ("wrong-item", "发错货", "Wrong item", False),
        ("wrong-missing", "少发", "Something missing", False),
        ("wrong-gift", "赠品没给", "Gift missing", False),
    ]),
    ("refund", "退换退款", "Returns and refunds", False, [
        ("refund-late", "退款没到账", "Refund not arrived", False),
        ("refund-refused", "不给退", "Return refused", False),
        ("refund-freight", "运费谁出", "Freight", False),
        ("refund-exchange", "换货", "Exchange", False),
    ]),
    ("price", "价格优惠", "Price", False, [
        ("price-drop", "买完降价", "Price dropped", False),
        ("price-coupon", "优惠没享受到", "Discount not given", False),
    ]),
    ("promise", "宣传不符", "Not as advertised", False, []),
    ("invoice", "发票", "Invoice", False, []),
    ("warranty", "保修维修", "Warranty and repair", False, [
        ("warranty-fee", "维修收费", "Repair fee", False),
        ("warranty-slow", "修得太久", "Repair takes long", False),
    ]),
    ("service", "客服态度", "Service", False, []),
    ("safety", "安全", "Safety", True, [
        ("safety-hurt", "有人受伤", "Somebody was hurt", True),
        ("safety-fire", "冒烟漏电", "Smoke or electric shock", True),
    ]),
    ("praise", "表扬建议", "Praise and suggestions", False, []),
]  # fmt: skip


def seed(apps, _schema_editor):
    category = apps.get_model("tickets", "Category")
    for position, (code, zh, en, danger, children) in enumerate(TREE):
        top = category.objects.create(code=code, name_zh=zh, name_en=en, is_safety=danger, position=position * 10)
        for place, (child, child_zh, child_en, child_danger) in enumerate(children):
            category.objects.create(
                parent=top, code=child, name_zh=child_zh, name_en=child_en, is_safety=child_danger, position=place
            )


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
