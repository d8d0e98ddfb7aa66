"""What a good answer says: the next step, and when. Words that only sound like one are pointed out, never forbidden.

Pure: no Django, no clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Words that promise a time and name none, longest first so that the whole of it is marked.
VAGUE_ZH = (
    "第一时间", "尽快", "尽早", "稍后", "稍候", "随后", "晚点", "过几天", "这几天", "近期", "过段时间", "一段时间",
    "耐心等待", "耐心等候", "请耐心", "敬请谅解", "请您谅解", "等通知", "等待通知",
    "保持电话畅通", "马上", "立刻", "立即",
)  # fmt: skip
VAGUE_EN = (
    "as soon as possible", "asap", "shortly", "soon", "in due course", "be patient", "bear with us", "at your earliest",
    "in the near future", "at our earliest convenience", "later on",
)  # fmt: skip
_VAGUE = re.compile(
    "|".join(sorted(map(re.escape, VAGUE_ZH), key=len, reverse=True))
    + r"|\b(?:"
    + "|".join(sorted(map(re.escape, VAGUE_EN), key=len, reverse=True))
    + r")\b",
    re.IGNORECASE,
)

_TIME = re.compile(
    r"""\d{1,2}\s*[:：]\s*\d{2}                                  # 16:20
    | [0-9一二两三四五六七八九十]+\s*点(?:\s*半|\s*\d+\s*分)?      # 4 点半
    | \d{1,2}\s*月\s*\d{1,2}\s*[日号]                            # 3 月 12 日
    | \d{1,2}\s*[日号](?:前|之前|以前|上午|下午|晚上|中午)         # 12 号前
    | (?:今|明|后|当)(?:天|日|晚|早)                              # 明天
    | (?:本|下|这)?(?:周|星期|礼拜)[一二三四五六日天末]            # 下周三
    | [0-9一二两三四五六七八九十半]+\s*个?\s*(?:分钟|小时|天|个?工作日|日)\s*(?:之?内|以内|后)  # 2 小时内
    | \d{4}-\d{1,2}-\d{1,2} | \d{1,2}/\d{1,2}
    | \b(?:today|tonight|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b
    | \b\d{1,2}\s*(?:am|pm)\b
    | \b(?:within|in)\s+(?:\d+|an?|one|two|three|five|seven)\s+(?:working\s+)?(?:minutes?|hours?|days?)\b
    | \b\d{1,2}(?:st|nd|rd|th)?\s+(?:january|february|march|april|may|june|july)\b
    | \b\d{1,2}(?:st|nd|rd|th)?\s+(?:august|september|october|november|december)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

#: Somebody does something: us or the customer.
_STEP = re.compile(
    r"""(?:我|我们|同事|质检|仓库|财务|快递|主管)[^。！？!?\n]{0,24}?
        (?:会|将|来|去|帮|给|为|把|已|正在|安排|寄|退|换|补|修|查|核|联系|打电话|回复|告诉|答复|发|处理)
    | 请(?:您|你)?[^。！？!?\n]{0,12}?(?:寄|拍|发|提供|填|点|确认|告诉|回复|联系|打开|选择|上传|补|看|按)
    | (?:可以|需要)(?:您|你)?[^。！？!?\n]{0,12}?(?:退|换|寄|修|补|申请|选)
    | 已(?:经)?(?:退|换|补|寄|安排|提交|通知|转给|发)
    | \b(?:we|i|our\s+\w+)\s*(?:'ll|\s+will|\s+have|\s+are|\s+can|'ve)\b
    | \bplease\s+\w+ | \byou\s+(?:can|may|will|should)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Advice:
    """What a text lacks. `vague` are the words found, in their order, each once."""

    vague: tuple[str, ...]
    has_time: bool
    has_step: bool

    @property
    def is_needed(self) -> bool:
        """A vague word where a time should stand, or neither a time nor a next step."""
        return bool(self.vague) or not (self.has_time or self.has_step)


def advise(text: str) -> Advice:
    """Read an answer before it goes; an empty one needs no advice."""
    if not text.strip():
        return Advice((), has_time=True, has_step=True)
    vague = tuple(dict.fromkeys(found.group(0) for found in _VAGUE.finditer(text)))
    return Advice(vague, bool(_TIME.search(text)), bool(_STEP.search(text)))
