"""`/styleguide/`: every part in all its states, in both languages, light and dark, with long texts.

It draws the same includes and tags as the pages, from samples below, at one fixed hour: Monday 9 March 2026, 14:30.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.errors import NotAllowed, require

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
HOUR: Final = datetime(2026, 3, 9, 14, 30, tzinfo=SHANGHAI)
ROLES: Final = (
    "bg", "surface", "sunken", "raised", "line", "line-strong", "control-line", "ink", "ink-2", "ink-3",
    "accent", "accent-soft", "accent-line", "accent-ink", "ontime-soft", "ontime-mark", "risk-soft", "risk-mark",
    "risk-ink", "late-soft", "late-mark", "late-ink", "you-soft", "you-mark", "you-ink",
    "chart-1", "chart-2", "chart-3", "heat-0", "heat-1", "heat-2", "heat-3", "heat-4",
)  # fmt: skip

#: Says one thing in the language of the page: samples are content, not words of the product, so no catalogue has them.
Say = Callable[[str, str], str]


@require_safe
@login_required
def sheet(request: HttpRequest) -> HttpResponse:
    """The sheet, for anyone who works here. `?language=` and `?look=` change this page only."""
    require(getattr(request.user, "is_staff", False), _("This page is for people who work here."), NotAllowed)
    language = request.GET.get("language") or translation.get_language() or settings.LANGUAGE_CODE
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    look = request.GET.get("look", "")
    context: dict[str, Any] = {"at": HOUR, "sheet_language": language, "look": look}
    if look in ("light", "dark"):
        context["theme"] = look
    with translation.override(language):
        context |= samples(lambda zh, en: zh if language.startswith("zh") else en)
        context["long_breach"] = context["breaches"][0] | {
            "say": context["long_sentence"],
            "next": context["long_shop"],
        }
        return render(request, "common/styleguide.html", context)


@lru_cache(maxsize=1)
def icon_names() -> list[str]:
    """The symbols of the sprite."""
    sprite = Path(settings.ROOT) / "static" / "icons.svg"
    return sorted(re.findall(r'<symbol id="([^"]+)"', sprite.read_text(encoding="utf-8")))


class SampleForm(forms.Form):
    """Every kind of control once."""

    say = forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "data-autosize": ""}))
    phone = forms.CharField(widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}))
    order = forms.CharField(required=False)
    kind = forms.ChoiceField()
    wish = forms.ChoiceField(widget=forms.RadioSelect)
    photos = forms.FileField(required=False)
    agree = forms.BooleanField()
    locked = forms.CharField(disabled=True, required=False)

    def __init__(self, say: Say, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "say": say("说一句话就行", "Tell us in one sentence"),
            "phone": say("手机号", "Mobile number"),
            "order": say("订单号", "Order number"),
            "kind": say("类别", "Category"),
            "wish": say("想要", "What would help"),
            "photos": say("照片", "Photos"),
            "agree": say("我已读《个人信息告知》", "I have read the privacy notice"),
            "locked": say("编号", "Number"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["phone"].help_text = say("只用来告诉您进展", "Only to tell you how it goes")
        self.fields["locked"].initial = "HY 4827 1936 5"
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("leak", say("质量 / 漏水", "Quality / leaking")),
            ("late", say("物流 / 没有按时送到，也没有人联系过我", "Delivery / not on time, and nobody got in touch")),
        ]
        self.fields["wish"].choices = [  # type: ignore[attr-defined]
            ("refund", say("退货退款", "Return and refund")),
            ("exchange", say("换一件", "Exchange")),
            ("sorry", say("一个说法", "An explanation")),
        ]
        self.wrong_phone = say("少了 1 位，手机号是 11 位。", "One digit is missing: a mobile number has 11.")

    def clean_phone(self) -> str:
        raise forms.ValidationError(self.wrong_phone)


def clock(hour: int, minute: int = 0, *, day: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def samples(say: Say) -> dict[str, Any]:
    """The content of the sheet. Shops, people and figures are invented."""
    return {
        "roles": ROLES,
        "icon_names": icon_names(),
        "soon": HOUR + timedelta(minutes=9),
        "later": clock(16, 20),
        "next_week": clock(18, day=12),
        "midnight": clock(0, day=18),
        "last_year": datetime(2025, 11, 3, 9, 5, tzinfo=SHANGHAI),
        "missed": HOUR - timedelta(minutes=38),
        "since": HOUR - timedelta(hours=6),
        "since_yesterday": HOUR - timedelta(days=1),
        "answered": clock(15, 6, day=8),
        "answer_due": clock(16, 20, day=8),
        "opened": clock(14, 20),
        "today": HOUR.date(),
        "monday": clock(0, day=2).date(),
        "form": SampleForm(say, prefix="c"),
        "wrong_form": SampleForm(say, {"w-phone": "1380013602", "w-say": ""}, prefix="w"),
        "staff_form": SampleForm(say, prefix="s"),
        "staff_wrong_form": SampleForm(say, {"v-phone": "1380013602"}, prefix="v"),
        **_words(say),
        **_promises(say),
        **_decisions(say),
        **_talk(say),
        **_figures(say),
        **_board(say),
    }


def _words(say: Say) -> dict[str, Any]:
    return {
        "samples_ui": {
            "another": say("换一件", "Another one"),
            "look": say("去看看", "Look"),
            "nothing_due": say("没有到期的工单", "Nothing is due"),
            "look_elsewhere": say("看客户刚回", "Look at new replies"),
            "dialog": say("对话框", "A dialog"),
        },
        "sentence": say("水壶用了两次，壶底就开始漏水，想退货", "The kettle leaked after two uses; I want to return it"),
        "long_sentence": say(
            "上个月买的破壁机修了两次还是响，第一次说换轴承，第二次说换电机，两次都是自己掏的快递费，"
            "现在保修卡上的电话打不通，客服让我等，我想知道到底谁来管这件事、什么时候有结果",
            "The blender I bought last month has been repaired twice and is still noisy: first the bearing, then the "
            "motor, and both times I paid the postage. Now nobody answers the number on the warranty card. I would "
            "like to know who is looking after this and when there will be a result",
        ),
        "shop": say("云禾电器", "Yunhe Appliances"),
        "long_shop": say(
            "云禾生活电器（华东）官方旗舰店直播间专营二号店", "Yunhe Home Appliances East China Official Flagship Live 2"
        ),
        "person": say("周宁", "Zhou Ning"),
        "carrier": say("快递", "the carrier"),
        "item_meta": [say("1 件", "1 piece"), say("199.00 元", "CNY 199.00"), say("3 月 2 日签收", "signed for on 2 March")],
        "item_name": say("云禾 1.7L 不锈钢电热水壶", "Yunhe 1.7 L stainless steel kettle"),
        "facts": [
            {"what": say("称呼", "Name"), "value": say("何**", "He **"), "aside": "138****6021"},
            {"what": say("来过", "Cases"), "value": say("2 次，都已解决", "2, both solved")},
            {"what": say("订单", "Order"), "value": "YH-2602-88140", "url": "#facts"},
            {"what": say("地址", "Address"), "value": say("浙江省杭州市余杭区**********", "Zhejiang, Hangzhou, Yuhang **********")},
        ],
        "menu": [
            {"label": say("转给同事", "Hand over"), "icon": "user-plus", "url": "#menu", "key": "h"},
            {"label": say("看打印版", "Print view"), "icon": "printer", "url": "#menu"},
            {"label": say("标为垃圾", "Mark as spam"), "icon": "ban", "url": "#menu"},
        ],
        "trail": [
            {"icon": "clock-exclamation", "kind": "late", "strong": say("首次回复没按时", "First answer missed"), "at": clock(14, 20)},
            {"icon": "user", "text": say("周宁接手", "Zhou Ning took it"), "at": clock(10, 52)},
            {"icon": "inbox", "text": say("分给售后一组", "Assigned to after-sales team 1"), "at": clock(21, 30, day=8)},
            {"kind": "kept", "text": say("收到投诉，给出编号和期限", "Received; number and deadline given"), "at": clock(21, 30, day=8)},
        ],
    }  # fmt: skip


def _promises(say: Say) -> dict[str, Any]:
    answer, result = say("首次回复，最迟", "First answer, by"), say("处理结果，最迟", "Result, by")
    why = {
        "segments": [
            {"what": say("您提交", "You sent it"), "value": say("今天 14:20", "today 14:20")},
            {"what": say("质量问题：2 小时内首次回复", "Quality: first answer within 2 hours"), "value": "14:20–16:20"},
            {"what": say("服务时间每天 9:00–22:00", "Open every day 9:00–22:00"), "value": say("没有中断", "no gap")},
            {"what": say("首次回复最迟", "First answer by"), "value": say("今天 16:20", "today 16:20"), "sum": True},
        ]
    }
    return {
        "why": why,
        "why_gaps": {
            "open": True,
            "segments": [
                {"start": clock(21, 30, day=8), "end": clock(22, day=8), "value": say("30 分", "30 min")},
                {"start": clock(22, day=8), "end": clock(9), "what": say("不在服务时间", "closed"), "off": True},
                {"start": clock(9), "end": clock(10, 30), "value": say("1 小时 30 分", "1 h 30 min")},
                {"what": say("合计", "Together"), "value": say("2 小时", "2 h"), "sum": True},
            ],
        },
        "promises": [
            {
                "turn": {"icon": "users", "title": say("轮到我们", "Our turn"), "text": say("售后一组，前面还有 2 件", "After-sales team 1, 2 cases ahead")},
                "rows": [
                    {"state": "next", "icon": "message", "what": answer, "due_at": clock(16, 20), "used": 10, "total": 120},
                    {"icon": "flag", "what": result, "due_at": clock(18, day=12), "units": 1},
                ],
                "foot": say("到时没做到，我们先告诉您，不用您来催。", "If we miss it, you hear from us first."),
                "why": why,
            },
            {
                "turn": {"kind": "late", "title": say("我们晚了，对不起", "We are late, and sorry")},
                "sorry": say(
                    "说好 14:20 前回复您，我们没做到。您的问题到现在还没有同事接手，已转给主管王敏。",
                    "We said you would hear by 14:20, and you did not. Nobody had taken your case; Wang Min, team lead, has it now.",
                ),
                "rows": [
                    {"state": "next", "icon": "phone", "what": say("王敏回复您，最迟", "Wang Min answers you by"), "due_at": clock(15, 20), "used": 10, "total": 60},
                    {"state": "late", "what": say("首次回复，说好今天 14:20", "First answer, promised for today 14:20"), "aside": say("没做到", "missed")},
                    {"icon": "flag", "what": result, "due_at": clock(18, day=12), "units": 1},
                ],
                "foot": say("为什么会晚，查清后也会写在这里。", "Why it was late will stand here once we know."),
            },
            {
                "turn": {"kind": "you", "title": say("轮到您", "Your turn"), "text": say("看看下面的处理结果，选一个", "Look at the result and choose")},
                "rows": [
                    {"state": "met", "what": say("首次回复 3 月 8 日 15:06", "First answer 8 March, 15:06"), "aside": say("提前 1 小时 14 分", "1 h 14 min early")},
                    {"state": "met", "what": say("处理结果 今天 10:58", "Result today 10:58"), "aside": say("提前 2 天", "2 days early")},
                    {"icon": "coin", "what": say("您同意后，退款最迟", "Once you agree, the refund by"), "when": say("收到退货后 7 天", "7 days after we have it back")},
                ],
            },
            {
                "turn": {"kind": "late", "title": say("这件事我们两次没按时回复您", "We missed our word twice")},
                "sorry": say("不再给您一个新的“最迟”。主管王敏今天 18:00 前给您打电话。", "No new “by” this time. Wang Min, team lead, rings you before 18:00 today."),
                "rows": [
                    {"icon": "gavel", "what": say("您也可以现在就向 12315 反映", "You can also turn to 12315 right now"), "note": say("下载整理好的材料", "Download your case file"), "note_url": "#promise"},
                ],
            },
            {
                "turn": {"icon": "truck-delivery", "title": say("等快递", "With the carrier"), "text": say("退货在路上，预计 3 月 13 日到", "Your return is on its way, expected on 13 March")},
                "rows": [{"state": "risk", "icon": "alert-triangle", "what": result, "due_at": clock(15, 12), "used": 110, "total": 120}],
            },
        ],
    }  # fmt: skip


def _decisions(say: Say) -> dict[str, Any]:
    ask = say(
        "也可以请另一位同事看，最迟明天 12:00 书面答复。",
        "Another colleague can look at it and answers in writing by tomorrow 12:00.",
    )
    return {
        "decisions": [
            {
                "id": "decision-yes", "outcome": say("可以退，寄回运费我们出", "Yes, and we pay the postage"),
                "text": say(
                    "照片能看出壶底焊缝漏水，属于质量问题。请把水壶和底座一起寄回，用过没关系。我们收到货后 7 天内原路退 199.00 元。",
                    "The photos show a leaking weld: a quality fault. Please send back the kettle with its base; used is fine. CNY 199.00 goes back the way it came, within 7 days of its arrival.",
                ),
                "facts": [
                    {"what": say("退款", "Refund"), "money": say("199.00 元", "CNY 199.00"), "aside": say("原路退回支付宝", "to your Alipay")},
                    {"what": say("您要做的", "What you do"), "value": say("选上门取件时间，3 月 17 日 24:00 前", "choose a pick-up time before 17 March, 24:00")},
                    {"what": say("依据", "Rule"), "value": say("《消费者权益保护法》第二十四条", "Consumer Protection Law, article 24")},
                ],
                "why": {"summary": say("怎么算的", "How it was worked out"), "segments": [
                    {"what": say("签收", "Signed for"), "value": say("3 月 2 日", "2 March")},
                    {"what": say("实付 199.00 元，没有用券", "Paid CNY 199.00, no voucher"), "value": say("退 199.00 元", "CNY 199.00 back"), "sum": True},
                ]},
                "ask": ask, "ask_url": "#decision",
            },
            {
                "id": "decision-no", "no": True, "outcome": say("这件不能按“七天无理由”退", "Not returnable without a reason"),
                "text": say(
                    "刻字定制商品不在范围内。如果有质量问题，可以按质量问题申请退、换、修，属实的运费我们出。",
                    "Engraved goods are excluded. If something is wrong with it, ask for a refund, an exchange or a repair; where that proves right we pay the postage.",
                ),
                "ask": ask, "ask_url": "#decision",
            },
        ],
    }  # fmt: skip


def _talk(say: Say) -> dict[str, Any]:
    theirs = say("水壶用了两次，壶底就开始漏水，想退货。", "The kettle leaked after two uses. I want to return it.")
    ours = say(
        "您好，照片看清了，先别再通电。明天 12:00 前告诉您能不能退、怎么退。",
        "Thank you, the photos are clear; please do not plug it in. By tomorrow 12:00 I will tell you whether and how you can return it.",
    )
    team, name = say("售后一组", "After-sales team 1"), say("周宁", "Zhou Ning")
    late = say(
        "说好 14:20 前回复您，我们没做到，对不起。\n\n王敏最迟 15:20 回复您。",
        "We said 14:20 and missed it. We are sorry.\n\nWang Min answers you by 15:20.",
    )
    return {
        "customer_talk": [
            {"kind": "mine", "at": clock(12, 20), "text": theirs},
            {"kind": "system", "text": say("收到了。进展发到 138****6021，也更新在这里。", "Received. Updates go to 138****6021 and stand here.")},
            {"kind": "late", "who": say("云禾电器", "Yunhe Appliances"), "at": clock(14, 20), "text": late},
            {"who": name, "via": team, "at": clock(14, 26), "text": ours},
        ],
        "staff_talk": [
            {"who": say("何**", "He **"), "via": say("客户，手机网页", "customer, mobile page"), "at": clock(12, 20), "time_style": "clock", "text": theirs},
            {"kind": "mine", "who": name, "via": team, "at": clock(14, 26), "time_style": "clock", "text": ours},
            {"kind": "note", "who": name, "at": clock(14, 28), "time_style": "clock", "text": say("批次 B2601，本周第 4 例焊缝漏水。", "Batch B2601, the 4th leaking weld this week.")},
        ],
    }  # fmt: skip


def _figures(say: Say) -> dict[str, Any]:
    first = [94.1, 95.2, 96.8, 93.9, 95.6, 97.1, 96.2, 92.8, 94.4, 95.9, 97.4, 96.6, 97.8, 96.1]
    result = [92.4, 91.8, 93.1, 92.0, 92.7, 93.5, 91.2, 90.4, 91.1, None, 93.0, 92.6, 91.9, 92.8]
    days = [f"2/{day}" for day in range(23, 29)] + [f"3/{day}" for day in range(1, 9)]
    hours, week = list(range(9, 22)), say("周一 周二 周三 周四 周五 周六 周日", "Mon Tue Wed Thu Fri Sat Sun").split()
    shape = [1, 1, 0, 1, 2, 5, 6, 4, 2, 1, 1, 2, 1]
    heat = [[x, y, max(0, shape[x] * (7 - y) // 4 - 1 + (x * 7 + y * 5) % 3)] for y in range(7) for x in range(13)]
    causes = say(
        "人手 流程 供应商 信息 系统 客户 其他", "Staffing Process Supplier Information System Customer Other"
    ).split()
    counts = [54, 31, 22, 12, 8, 5, 3]
    answer, outcome = say("首次回复", "First answer"), say("处理结果", "Result")
    number = {"label": say("次数", "Count"), "num": True}
    return {
        "kpis": [
            {"label": say("首次回复按时", "First answer on time"), "value": "96.2", "unit": "%", "up": say("1.4 点", "1.4 pt"), "before": say("前 30 天 94.8%", "94.8% before"), "count": "1,158 / 1,204", "url": "#kpi"},
            {"label": say("处理结果按时", "Result on time"), "value": "91.8", "unit": "%", "down": say("0.6 点", "0.6 pt"), "before": say("前 30 天 92.4%", "92.4% before"), "count": "1,046 / 1,139", "url": "#kpi"},
            {"label": say("补救按时", "Recovery on time"), "value": "–", "unit": "", "before": say("这段时间没有补救", "none in this period"), "url": "#kpi"},
            {"kind": "late", "label": say("现在超时", "Late now"), "value": "3", "unit": say("单", ""), "before": say("最久 1 小时 12 分", "longest 1 h 12 min"), "url": "#kpi"},
            {"kind": "risk", "label": say("4 小时内到期", "Due within 4 h"), "value": "14", "unit": say("单", ""), "before": say("其中 6 单没人接", "6 of them untaken"), "url": "#kpi"},
        ],
        "charts": [
            {
                "id": "chart-line", "title": say("按时达成", "On time"), "hint": say("每天，目标 95%", "by day, target 95%"),
                "chart": {"kind": "line", "labels": days, "unit": "%", "min": 84, "max": 100, "target": 95, "target_label": say("目标 95%", "target 95%"),
                          "series": [{"name": answer, "values": first}, {"name": outcome, "values": result}]},
                "table": {"columns": [{"label": say("日期", "Day")}, {"label": answer, "num": True}, {"label": outcome, "num": True}],
                          "rows": [[day, f"{a}%", None if b is None else f"{b}%"] for day, a, b in zip(days, first, result, strict=True)]},
            },
            {
                "id": "chart-heat", "title": say("什么时候容易晚", "When we are late"), "hint": say("超时次数，星期 × 小时", "misses, weekday × hour"),
                "chart": {"kind": "heat", "columns": [f"{hour}:00" for hour in hours], "rows": week, "values": heat, "unit": say("次", "misses")},
                "table": {"columns": [{"label": say("星期", "Weekday")}, {"label": say("小时", "Hour")}, number],
                          "rows": [[week[y], f"{hours[x]}:00", n] for x, y, n in heat if n > 4]},
            },
            {
                "id": "chart-pareto", "title": say("为什么晚", "Why we are late"), "hint": say("原因，次数与累计占比", "causes, count and running share"),
                "chart": {"kind": "pareto", "labels": causes, "values": counts, "name": say("次数", "count"), "share_name": say("累计 %", "running %")},
                "table": {"columns": [{"label": say("原因", "Cause")}, number],
                          "rows": [[{"text": cause, "url": "#chart"}, count] for cause, count in zip(causes, counts, strict=True)]},
            },
            {
                "id": "chart-bars", "title": say("没结的单有多久", "Age of open cases"), "hint": "",
                "chart": {"kind": "bars", "stacked": True, "labels": [say("1 天内", "1 day"), say("3 天内", "3 days"), say("7 天内", "7 days"), say("更久", "older")],
                          "series": [{"name": say("按时", "on time"), "values": [24, 13, 5, 1]}, {"name": say("已超时", "late"), "values": [1, 1, 0, 1], "late": True}]},
                "table": {"columns": [{"label": say("多久", "Age")}, number], "rows": []},
            },
        ],
        "table": {
            "columns": [{"label": say("步骤", "Step")}, {"label": say("客户的话", "In the customer's words")}, {"label": say("晚了", "Late by"), "num": True}, {"label": say("金额", "Amount"), "num": True}],
            "rows": [
                [say("告知客户", "Tell the customer"), {"text": say("少发了一个蒸格", "One rack is missing"), "strong": True}, say("22 分", "22 min"), "49.00"],
                [say("查原因", "Find the cause"), {"text": say("保修期内要收检测费", "Charged for a check under warranty"), "url": "#table"}, say("3 小时", "3 h"), None],
            ],
        },
    }  # fmt: skip


def _board(say: Say) -> dict[str, Any]:
    return {
        "breaches": [
            {"number": "HY 7305 2218 4", "say": say("锅盖炸裂，划伤了手，要你们给个说法", "The lid burst and cut my hand; I want an explanation"), "mark": say("第 2 次", "2nd miss"), "late": say("首次回复晚 1 小时 12 分", "First answer 1 h 12 min late"), "next": say("王敏，剩 6 分", "Wang Min, 6 min left"), "next_who": say("王敏", "Wang Min"), "url": "#board"},
            {"number": say("事件 · 8 单", "Incident · 8 cases"), "say": say("退货单激增，排班没跟上", "Returns doubled, the roster did not"), "late": say("首次回复，平均晚 31 分", "First answer, 31 min late on average"), "next": say("建议：人手", "Suggested: staffing"), "next_icon": "bulb", "many": True, "url": "#board"},
            {"number": say("改进 · 1 单", "Improvement · 1 case"), "say": say("检测费先审后收，页面写明", "Check fees before charging, and say so"), "cause": say("原因：流程", "Cause: process"), "next": say("李航，3 月 18 日", "Li Hang, 18 March"), "next_who": say("李航", "Li Hang"), "url": "#board"},
        ],
        "clocks": [
            {"name": say("再次回复", "Next answer"), "state": "risk", "due_at": HOUR + timedelta(minutes=12), "target": say("高优先级 2 小时", "high priority, 2 h"), "used": 108, "total": 120, "why": {"segments": [{"start": clock(12, 42), "end": clock(14, 42), "value": say("2 小时", "2 h")}]}},
            {"name": say("处理结果", "Result"), "state": "ontime", "due_at": clock(18, day=12)},
            {"name": say("补救时限", "Recovery"), "state": "late", "due_at": HOUR - timedelta(minutes=38), "used": 60, "total": 60},
            {"name": say("首次回复", "First answer"), "state": "met", "due_at": clock(16, 20, day=8), "met_at": clock(15, 6, day=8)},
        ],
        "queue": [
            {"state": "late", "due_at": HOUR - timedelta(minutes=72), "metric": say("首次回复", "First answer"), "say": say("锅盖炸裂，划伤了手，要你们给个说法", "The lid burst and cut my hand"), "number": "HY730522184", "who": say("刘**", "Liu **"), "shop": say("云禾旗舰店", "Yunhe Flagship"), "category": say("安全", "safety"), "amount": "329.00", "priority": say("紧急", "urgent"), "assignee": say("王敏", "Wang Min"), "classes": "is-selected"},
            {"state": "risk", "due_at": HOUR + timedelta(minutes=9), "metric": say("首次回复", "First answer"), "say": say("退款显示成功，三天了没到账", "Refund shown as done, no money after three days"), "number": "HY512788302", "who": say("陈**", "Chen **"), "shop": say("云禾旗舰店", "Yunhe Flagship"), "category": say("退款", "refund"), "amount": "199.00", "priority": say("高", "high"), "assignee": "", "classes": "is-current is-unread"},
            {"state": "ontime", "due_at": clock(16, 20), "metric": say("首次回复", "First answer"), "say": say("水壶用了两次，壶底就开始漏水，想退货", "The kettle leaked after two uses"), "number": "HY482719365", "who": say("何**", "He **"), "shop": say("云禾生活电器（华东）官方旗舰店", "Yunhe Home Appliances East China"), "category": say("质量", "quality"), "amount": None, "priority": say("普通", "normal"), "assignee": say("周宁", "Zhou Ning"), "classes": "is-unread"},
        ],
    }  # fmt: skip
