"""What every template may use to draw: icons, moments and durations in words, chips, form controls.

`{% load ui %}`. The moment a page speaks from is the context variable `at` when the view gives one, else the clock.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import MultiWidget
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext

from common import navigation, toasts, wording

register = template.Library()

#: The icon of each state of a clock; the same wherever a state is drawn.
STATE_ICONS = {
    "ontime": "clock",
    "risk": "alert-triangle",
    "late": "clock-exclamation",
    "you": "user-question",
    "paused": "player-pause",
    "met": "check",
}
NOTICE_ICONS = {"": "info-circle", "risk": "alert-triangle", "late": "alert-triangle"}


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _now(context: Any) -> datetime:
    return context.get("at") or timezone.now()


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("icons.svg")


def draw_icon(name: str, size: str = "", label: str = "") -> SafeString:
    """One symbol of the sprite. `size` is "sm", "lg" or nothing; with a `label` it is read out, else hidden."""
    classes = f"icon icon--{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', classes, label, _sprite(), name
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, _sprite(), name)


@register.simple_tag(name="icon")
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """`{% icon "clock" "sm" %}`"""
    return draw_icon(name, size, label)


# ── time in words ────────────────────────────────────────────────────────────


def draw_moment(at: datetime | None, now: datetime, *, style: str = "", language: str = "") -> SafeString:
    """`<time>` with the words inside and the exact instant on hover; nothing for None."""
    if at is None:
        return mark_safe("")
    zone, language = timezone.get_current_timezone(), language or _language()
    match style:
        case "short":
            words = wording.short_moment(at, now, zone, language)
        case "clock":
            words = wording.clock(at, zone)
        case "deadline":
            words = wording.moment(at, now, zone, language, ends_day=True)
        case "past":
            words = wording.moment(at, now, zone, language, with_weekday=False)
        case _:
            words = wording.moment(at, now, zone, language)
    return format_html(
        '<time class="nb" datetime="{}" title="{}">{}</time>', at.isoformat(), wording.exact(at, zone), words
    )


@register.simple_tag(takes_context=True)
def when(context: Any, at: datetime | None, style: str = "") -> SafeString:
    """`{% when ticket.opened_at %}`; styles: "" words, "short" for lists, "clock" 16:20, "deadline" 24:00, "past"."""
    return draw_moment(at, _now(context), style=style)


@register.simple_tag(takes_context=True)
def when_text(context: Any, at: datetime | None, style: str = "") -> str:
    """The words of `when` without the element, for titles, labels and `{% blocktranslate %}`."""
    if at is None:
        return ""
    zone, now = timezone.get_current_timezone(), _now(context)
    if style == "short":
        return wording.short_moment(at, now, zone, _language())
    if style == "clock":
        return wording.clock(at, zone)
    return wording.moment(at, now, zone, _language(), ends_day=style == "deadline")


@register.simple_tag(takes_context=True)
def day(context: Any, on: date, with_weekday: bool = True) -> SafeString:
    """`{% day order.signed_on %}`: "今天" or "3 月 2 日（周一）"."""
    today = timezone.localdate(_now(context))
    return format_html(
        '<time class="nb" datetime="{}">{}</time>',
        on.isoformat(),
        wording.day(on, today, _language(), with_weekday=with_weekday),
    )


@register.filter
def duration(length: timedelta | float | None, units: int = 2) -> str:
    """`{{ clock.left|duration }}`: a timedelta, or minutes; `|duration:1` for the largest unit only."""
    if length is None:
        return ""
    if not isinstance(length, timedelta):
        length = timedelta(minutes=float(length))
    return wording.duration(length, _language(), units=units)


@register.filter
def worked(minutes: float | timedelta | None) -> str:
    """Minutes on a working calendar, exact: hours never become days. `{{ target.minutes|worked }}`"""
    if minutes is None:
        return ""
    if isinstance(minutes, timedelta):
        minutes = minutes.total_seconds() / 60
    return wording.minutes(minutes, _language())


@register.simple_tag(takes_context=True)
def left(context: Any, due_at: datetime, units: int = 2) -> SafeString:
    """How long until `due_at`, as `<b data-due>` that ticks; "0 分" never shows: past it is the time since."""
    return draw_ticking(due_at, _now(context), units=units)


def draw_ticking(at: datetime, now: datetime, *, units: int = 2) -> SafeString:
    return format_html(
        '<b data-due="{}" data-units="{}">{}</b>',
        at.isoformat(),
        units,
        wording.duration(at - now, _language(), units=units),
    )


@register.simple_tag(takes_context=True)
def between(context: Any, start: datetime, end: datetime) -> str:
    """`{% between segment.start segment.end %}`: "今天 14:20–16:20"."""
    return wording.span(start, end, _now(context), timezone.get_current_timezone(), _language())


@register.filter
def money(amount: Decimal | str | None, currency: str = "CNY") -> SafeString:
    """`{{ line.paid|money }}`: "199.00 元"; nothing known is "—"."""
    if amount is None or amount == "":
        return mark_safe("—")
    return format_html('<span class="nb num">{}</span>', wording.money(amount, currency or "CNY", _language()))


@register.filter
def percent(share: Decimal | float | None) -> str:
    """A share of one without its sign: 0.9618 is "96.1"; None is "–"."""
    return wording.percent(share)


@register.filter
def grouped(number: str) -> str:
    """`{{ ticket.number|grouped }}`: "HY 4827 1936 5"."""
    return wording.grouped_number(str(number))


@register.filter
def initial(name: object) -> str:
    """The character that stands for a person in `avatar-s`."""
    text = str(name or "").strip()
    return text[:1].upper()


@register.simple_tag(takes_context=True)
def now_exact(context: Any) -> str:
    """The moment the page speaks from, for the scripts that tick: a phone's own clock is often minutes off."""
    return _now(context).isoformat()


# ── parts whose words depend on the hour ─────────────────────────────────────


@register.simple_tag(takes_context=True)
def sla(
    context: Any,
    state: str,
    due_at: datetime | None = None,
    *,
    since: datetime | None = None,
    met_at: datetime | None = None,
    waits_for: str = "",
    icon: str = "",
    before: str = "",
) -> SafeString:
    """The SLA chip: icon, words and time, ticking in the browser.

    `state`: ontime | risk | late (need `due_at`), you | paused (`since`, and whom it `waits_for`: customer,
    carrier ...), met (`met_at` and `due_at`). `before` puts a word in front ("再次回复剩 12 分").
    """
    now, language = _now(context), _language()
    words: SafeString | str
    if state in ("ontime", "risk", "late") and due_at is not None:
        if due_at < now:
            state = "late"
        # The whole phrase is one text: Chinese puts the word before the time, English after it.
        phrase = gettext("{time} late") if state == "late" else gettext("{time} left")
        words = format_html("{}<span data-words>{}</span>", before, format_html(phrase, time=draw_ticking(due_at, now)))
    elif state == "met" and met_at is not None:
        zone = timezone.get_current_timezone()
        at = wording.short_moment(met_at, now, zone, language)
        if due_at is None:
            words = at
        else:
            gap = wording.duration(due_at - met_at, language)
            phrase = gettext("{at}, {gap} early") if met_at <= due_at else gettext("{at}, {gap} late")
            words = format_html(phrase, at=at, gap=gap)
    else:
        outside = pgettext("waiting for", "someone outside")
        whom = waits_for or (pgettext("waiting for", "customer") if state == "you" else outside)
        waited = draw_ticking(since, now) if since is not None else ""
        words = format_html(gettext("waiting for {whom} {time}"), whom=whom, time=waited)
    return format_html(
        '<span class="sla{}" data-sla="{}">{}<span>{}</span></span>',
        "" if state == "ontime" else f" sla--{state}",
        state,
        draw_icon(icon or STATE_ICONS[state], "sm"),
        words,
    )


@register.simple_tag
def state_icon(state: str) -> SafeString:
    return draw_icon(STATE_ICONS.get(state, "clock"), "sm")


@register.filter
def notice_icon(kind: str) -> str:
    return NOTICE_ICONS.get(kind or "", "info-circle")


@register.simple_tag
def control(field: BoundField, size: str = "", **attrs: Any) -> SafeString:
    """A form field's widget with our classes, its hint and its error tied to it. `size="lg"` on customer pages."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    own = str(widget.attrs.get("class", ""))
    if kind in ("checkbox", "radio") and not getattr(widget, "choices", None):
        name = "check"
    elif kind in ("checkbox", "radio", "hidden"):
        name = ""
    else:
        name = "form-select" if kind == "select" else "form-control"
        if size:
            name = f"{name} form-control--{size}"
    described = [f"{field.auto_id}-hint"] if field.help_text else []
    extra: dict[str, Any] = {key.replace("_", "-"): value for key, value in attrs.items()}
    if field.errors:
        described.append(f"{field.auto_id}-error")
        extra["aria-invalid"] = "true"
    if described:
        extra["aria-describedby"] = " ".join(described)
    classes = f"{own} {name}".strip()
    if classes:
        extra["class"] = classes
    return field.as_widget(attrs=extra)


@register.filter
def is_check(field: BoundField) -> bool:
    """A lone tick box stands before its label, everything else below it."""
    widget = field.field.widget
    return getattr(widget, "input_type", "") == "checkbox" and not getattr(widget, "choices", None)


@register.filter
def is_group(field: BoundField) -> bool:
    """Several boxes with one question: a fieldset, not a label."""
    widget = field.field.widget
    if isinstance(widget, MultiWidget):
        return True
    return getattr(widget, "input_type", "") in ("checkbox", "radio") and bool(getattr(widget, "choices", None))


def draw_json(value: Any, element_id: str) -> SafeString:
    text = json.dumps(value, ensure_ascii=False, default=str).translate({60: "\\u003C", 62: "\\u003E", 38: "\\u0026"})
    return format_html('<script type="application/json" id="{}">{}</script>', element_id, mark_safe(text))  # noqa: S308


@register.simple_tag
def json_block(value: Any, element_id: str, ending: str = "") -> SafeString:
    """Data for a script as a JSON block: a data block is no script, so the content policy allows it."""
    return draw_json(value, f"{element_id}{ending}")


@register.filter
def cells(row: list[Any], columns: list[Any]) -> list[dict[str, Any]]:
    """The cells of one row of `_table.html`: a cell is text or {text, url, strong}; figures stand right."""
    made = []
    for column, cell in zip(columns, row, strict=False):
        entry = dict(cell) if isinstance(cell, dict) else {"text": "—" if cell is None else cell}
        made.append({**entry, "num": bool(column.get("num"))})
    return made


# ── the frame ────────────────────────────────────────────────────────────────


@register.simple_tag(takes_context=True, name="navigation")
def navigation_tag(context: Any) -> list[navigation.Group]:
    """`{% navigation as groups %}`: what this person may open, in groups."""
    request = context.get("request")
    return navigation.groups(request) if request is not None else []


@register.simple_tag(takes_context=True, name="toasts")
def toasts_tag(context: Any) -> list[toasts.Toast]:
    """`{% toasts as notes %}`: what happened, each once; asked for by the bases."""
    request = context.get("request")
    return toasts.waiting(request) if request is not None else []


@register.simple_tag
def script_words() -> SafeString:
    """The words that scripts write (durations, short answers), in the page's language."""
    zh = wording.is_chinese(_language())
    words = {
        "units": [
            [size, zh_word if zh else one, zh_word if zh else many] for size, one, many, zh_word in wording.UNITS
        ],
        "none": wording.duration(timedelta(0), _language()),
        "late": gettext("{time} late"),
        "copied": gettext("Copied"),
        "copy_failed": gettext("Could not copy. Press and hold to select it."),
        "yes": gettext("Go ahead"),
        "no": gettext("Cancel"),
        "close": gettext("Close"),
        "undo": gettext("Undo"),
        "seconds": gettext("%(n)s s"),
        "failed": gettext("This did not reach us. Check the network and try again; nothing you typed is lost."),
        "server": gettext("Something failed on our side. It is recorded; try again in a moment."),
    }
    return draw_json(words, "words")
