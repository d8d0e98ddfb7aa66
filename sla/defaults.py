"""The promises that a new installation starts with (product.md), as the first published policy set.

Numbers are working minutes unless the calendar is "always" (around the clock).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

_CAP = 24 * 60
_ALWAYS = "always"

#: metric, priority, unit, count, cap in minutes on the clock, calendar code, warnings in percent
_DAILY = [
    (metric, priority, "minutes", count, cap, calendar, [75])
    for metric in ("first_response", "next_response")
    for priority, count, cap, calendar in (
        ("urgent", 30, None, _ALWAYS),
        ("high", 2 * 60, _CAP, None),
        ("normal", 4 * 60, _CAP, None),
        ("low", 8 * 60, _CAP, None),
    )
]

DEFAULTS = [
    {
        "name_zh": "建议和表扬",
        "name_en": "Suggestions and praise",
        "conditions": {"kind": ["suggestion", "praise"]},
        "targets": [
            ("first_response", "", "working_days", 2, None, None, [75]),
            ("next_response", "", "working_days", 2, None, None, [75]),
            ("resolution", "", "working_days", 10, None, None, [80]),
        ],
    },
    {
        "name_zh": "所有其他情况",
        "name_en": "Everything else",
        "conditions": {},
        "targets": [*_DAILY, ("resolution", "", "minutes", 72 * 60, None, _ALWAYS, [80, 95])],
    },
]


def seed(policy_set: Any, policy: Any, target: Any, calendar: Any, *, at: datetime) -> None:
    """Write and publish the first set, unless there is one. Takes the models, since migrations have their own."""
    if policy_set.objects.exists():
        return
    first = policy_set.objects.create(number=1, created_at=at)
    codes = dict(calendar.objects.values_list("code", "pk"))
    for position, line in enumerate(DEFAULTS, start=1):
        made = policy.objects.create(
            policy_set=first,
            position=position,
            name_zh=line["name_zh"],
            name_en=line["name_en"],
            conditions=line["conditions"],
        )
        target.objects.bulk_create(
            target(
                policy=made,
                metric=metric,
                priority=priority,
                unit=unit,
                count=count,
                cap_minutes=cap,
                calendar_id=codes[code] if code else None,
                warn_at=warn_at,
            )
            for metric, priority, unit, count, cap, code, warn_at in line["targets"]
        )
    policy_set.objects.filter(pk=first.pk).update(state="published", in_force_from=at)
