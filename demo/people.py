"""The people who work there, and names of customers. Nobody here exists."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "huiyin-demo"  # noqa: S105 - the demo's password is public


@dataclass(frozen=True)
class Colleague:
    email: str
    name: str
    role: str
    team: str = ""
    shops: tuple[str, ...] = ()


TEAMS = ("售后一组", "售后二组", "品质与安全")
LEADS = {"售后一组": "lead@demo.test", "售后二组": "lead2@demo.test", "品质与安全": "lead@demo.test"}

COLLEAGUES = (
    Colleague("admin@demo.test", "陈晓", "admin"),
    Colleague("manager@demo.test", "李航", "manager"),
    Colleague("lead@demo.test", "王敏", "lead", "售后一组"),
    Colleague("lead2@demo.test", "郭静", "lead", "售后二组"),
    Colleague("agent@demo.test", "周宁", "agent", "售后一组"),
    Colleague("agent2@demo.test", "刘洋", "agent", "售后一组"),
    Colleague("agent3@demo.test", "张倩", "agent", "售后二组"),
    Colleague("agent4@demo.test", "林涛", "agent", "售后二组"),
    Colleague("agent5@demo.test", "许蕾", "agent", "品质与安全"),
    Colleague("merchant@demo.test", "赵雪", "agent", "售后二组", ("hexiaochu",)),
    Colleague("finance@demo.test", "孙悦", "finance"),
    Colleague("auditor@demo.test", "吴桐", "auditor"),
)
CUSTOMER = Colleague("customer@demo.test", "何秀英", "customer")

#: The accounts that the launcher prints, as contracts with other systems' tests know them.
SHOWN = (
    "customer@demo.test", "agent@demo.test", "lead@demo.test", "manager@demo.test",
    "admin@demo.test", "merchant@demo.test", "finance@demo.test", "auditor@demo.test",
)  # fmt: skip

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
GIVEN = (
    "伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超", "秀兰",
    "霞", "平", "刚", "桂英", "文", "云", "晨曦", "雨桐", "子涵", "浩然", "思远", "佳怡", "欣妍", "俊豪", "海燕", "建国",
    "志强", "春梅", "玉兰", "小红", "晓东", "立新", "婷婷", "宇航", "可欣", "梦瑶",
)  # fmt: skip
