"""Three shops of an invented company and what they sell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shop:
    slug: str
    code: str
    name: str
    signature: str


@dataclass(frozen=True)
class Article:
    """`short` is what a customer calls it; `family` decides what can go wrong with it."""

    sku: str
    name: str
    short: str
    price: str
    family: str
    category: str


SHOPS = (
    Shop("yunhe", "YUNHE", "云禾旗舰店", "云禾旗舰店"),
    Shop("hexiaochu", "HXC", "禾小厨", "禾小厨"),
    Shop("yunhehome", "YHLIFE", "云禾生活馆", "云禾生活馆"),
)

ARTICLES: dict[str, tuple[Article, ...]] = {
    "yunhe": (
        Article("YH-SH17", "云禾 1.7L 不锈钢电热水壶", "水壶", "199.00", "electric", "appliance"),
        Article("YH-SH12", "云禾 1.2L 便携烧水壶", "烧水壶", "129.00", "electric", "appliance"),
        Article("YH-PB02", "云禾静音破壁机 P2", "破壁机", "899.00", "electric", "appliance"),
        Article("YH-KZ45", "云禾 4.5L 空气炸锅", "空气炸锅", "329.00", "electric", "appliance"),
        Article("YH-FB30", "云禾 3L 电饭煲", "电饭煲", "269.00", "electric", "appliance"),
        Article("YH-YL05", "云禾 5L 电压力锅", "压力锅", "459.00", "electric", "appliance"),
        Article("YH-DJ08", "云禾 0.8L 豆浆机", "豆浆机", "299.00", "electric", "appliance"),
        Article("YH-ZG20", "云禾多功能蒸锅 20L", "电蒸锅", "239.00", "electric", "appliance"),
        Article("YH-JS04", "云禾即热饮水机 4L", "饮水机", "599.00", "electric", "appliance"),
        Article("YH-LX01", "云禾饮水机滤芯 三支装", "滤芯", "118.00", "electric", "appliance"),
        Article("YH-JB01", "云禾定制刻字保温杯", "保温杯", "129.00", "custom", "customised"),
        Article("YH-XC03", "云禾手持吸尘器 X3", "吸尘器", "699.00", "electric", "appliance"),
        Article("YH-CF02", "云禾高速吹风机", "吹风机", "369.00", "electric", "appliance"),
        Article("YH-JSQ5", "云禾 5L 加湿器", "加湿器", "189.00", "electric", "appliance"),
    ),
    "hexiaochu": (
        Article("HX-CG32", "禾小厨 32cm 麦饭石炒锅", "炒锅", "168.00", "kitchen", "home"),
        Article("HX-TG24", "禾小厨 24cm 珐琅汤锅", "汤锅", "329.00", "kitchen", "home"),
        Article("HX-DJ07", "禾小厨七件套刀具", "刀具", "259.00", "kitchen", "home"),
        Article("HX-ZB02", "禾小厨双面砧板", "砧板", "89.00", "kitchen", "home"),
        Article("HX-BX05", "禾小厨玻璃保鲜盒五件套", "保鲜盒", "99.00", "kitchen", "home"),
        Article("HX-PJ20", "禾小厨 20 头骨瓷餐具", "餐具", "399.00", "kitchen", "home"),
        Article("HX-KX01", "禾小厨硅胶铲勺套装", "铲勺", "59.00", "kitchen", "home"),
        Article("HX-ZL03", "禾小厨不锈钢蒸笼三层", "蒸笼", "139.00", "kitchen", "home"),
        Article("HX-MM05", "禾小厨东北大米 5kg", "大米", "69.90", "food", "food"),
        Article("HX-NY02", "禾小厨冷榨花生油 2L", "花生油", "89.00", "food", "food"),
        Article("HX-JR01", "禾小厨手工酱牛肉 500g", "酱牛肉", "58.00", "fresh", "fresh"),
        Article("HX-CL06", "禾小厨鲜橙 6kg", "橙子", "79.00", "fresh", "fresh"),
        Article("HX-DG08", "禾小厨八寸蛋糕模具", "蛋糕模", "45.00", "kitchen", "home"),
    ),
    "yunhehome": (
        Article("SH-CD15", "云禾纯棉四件套 1.5m", "四件套", "299.00", "textile", "textile"),
        Article("SH-CD18", "云禾纯棉四件套 1.8m", "四件套", "339.00", "textile", "textile"),
        Article("SH-BZ02", "云禾羽绒被 200×230", "被子", "899.00", "textile", "textile"),
        Article("SH-ZT01", "云禾乳胶枕", "枕头", "199.00", "textile", "textile"),
        Article("SH-MJ06", "云禾毛巾六条装", "毛巾", "59.90", "textile", "textile"),
        Article("SH-YJ02", "云禾速干浴巾两条装", "浴巾", "79.00", "textile", "textile"),
        Article("SH-SN05", "云禾透明收纳箱五只装", "收纳箱", "119.00", "home", "home"),
        Article("SH-LY10", "云禾落地晾衣架", "晾衣架", "159.00", "home", "home"),
        Article("SH-TD03", "云禾折叠梯三步", "梯子", "199.00", "home", "home"),
        Article("SH-DJ09", "云禾护眼台灯", "台灯", "229.00", "electric", "appliance"),
        Article("SH-XY01", "云禾香薰机", "香薰机", "149.00", "electric", "appliance"),
        Article("SH-CL08", "云禾遮光窗帘 2.7m", "窗帘", "259.00", "custom", "customised"),
        Article("SH-DT04", "云禾防滑地垫四片", "地垫", "69.00", "home", "home"),
    ),
}

#: Batches of this year; B2601 leaks, which is why so many kettles come back.
BATCHES = ("B2511", "B2512", "B2601", "B2602", "B2604", "B2606", "B2608", "B2610")
CARRIERS = (("sf", "SF"), ("zto", "7"), ("yto", "YT"), ("jd", "JDX"), ("sto", "77"))
