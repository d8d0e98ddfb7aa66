"""Status changes as guarded UPDATEs: the table says what is possible, the database has the last word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext as _

from common.errors import Conflict

Row = TypeVar("Row", bound=models.Model)
Table = Mapping[str, frozenset[str]]


def sources(table: Table, to: str) -> list[str]:
    """The states from which `table` (state -> states that may follow) lets a row move to `to`."""
    return [state for state, nexts in table.items() if to in nexts]


def move(row: Row, to: str, *, table: Table, fields: Mapping[str, Any] | None = None) -> Row:
    """Move one row to status `to`, set `fields` with it and raise its version; raises Conflict.

    The caller holds a transaction. After a Conflict the object still shows what it showed before: re-fetch it.
    """
    changes = {**(fields or {}), "status": to}
    free = type(row)._default_manager.filter(pk=row.pk, status__in=sources(table, to))
    if not free.update(**changes, version=F("version") + 1):
        raise Conflict(
            _("This was changed a moment ago, so the step is no longer possible. Reload to see what is there now.")
        )
    return _show(row, changes)


def move_many(
    rows: Iterable[Row], to: str, *, table: Table, fields: Mapping[str, Any] | None = None
) -> tuple[list[Row], list[Row]]:
    """Move many rows in one guarded UPDATE; returns those that moved and those that somebody else was faster with."""
    rows = list(rows)
    if not rows:
        return [], []
    model = type(rows[0])
    # The lock first and in key order, so that two lists with the same rows can't wait for each other.
    free = set(
        model._default_manager.filter(pk__in=[row.pk for row in rows], status__in=sources(table, to))
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    changes: dict[str, Any] = {**(fields or {}), "status": to}
    model._default_manager.filter(pk__in=free).update(**changes, version=F("version") + 1)
    moved, lost = [], []
    for row in rows:
        if row.pk not in free:
            lost.append(row)
            continue
        moved.append(_show(row, changes))
    return moved, lost


def _show(row: Row, changes: Mapping[str, Any]) -> Row:
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1  # type: ignore[attr-defined]
    return row
