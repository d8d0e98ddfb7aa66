"""Which promise fits which case. Pure: facts of a case and lines of a policy set in, one line out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

#: What a condition may ask about.
LISTS = ("kind", "category", "priority", "channel", "merchant", "tier")
CONDITIONS = (*LISTS, "amount", "safety")
#: The most urgent first.
PRIORITIES = ("urgent", "high", "normal", "low")


@dataclass(frozen=True)
class Facts:
    """What a policy may look at. `categories` is the category of the case and all above it; `amount` is in CNY."""

    kind: str = "complaint"
    categories: frozenset[int] = frozenset()
    priority: str = "normal"
    channel: str = "form"
    merchant: int | None = None
    tier: str = ""
    amount: Decimal | None = None
    is_safety: bool = False


@dataclass(frozen=True)
class Goal:
    """A target ready for use: TARGET of contracts.md, the calendar it counts by (None: that of its policy)."""

    metric: str
    priority: str
    target: Mapping[str, Any]
    calendar: int | None
    warn_percents: Sequence[int]


@dataclass(frozen=True)
class Line:
    """A policy in memory."""

    pk: int
    conditions: Mapping[str, Any]
    calendar: int | None
    goals: Sequence[Goal]

    def goal(self, metric: str, priority: str) -> Goal | None:
        """The target for a metric: the one of this priority, else the one for all."""
        by_priority = {goal.priority: goal for goal in self.goals if goal.metric == metric}
        return by_priority.get(priority) or by_priority.get("")


@dataclass(frozen=True)
class Book:
    """A policy set in memory; published sets never change, so it may be kept."""

    pk: int
    number: int
    lines: Sequence[Line]

    def match(self, facts: Facts) -> Line:
        """The first line that fits. Raises LookupError when none does; a published set always has a default."""
        for line in self.lines:
            if fits(line.conditions, facts):
                return line
        raise LookupError(f"policy set {self.number} has no default")


def fits(conditions: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a case meets all conditions of a line; no conditions fit everything."""
    for name, wanted in conditions.items():
        match name:
            case "category":
                good = not facts.categories.isdisjoint(wanted)
            case "amount":
                good = facts.amount is not None and facts.amount >= Decimal(str(wanted))
            case "safety":
                good = facts.is_safety == bool(wanted)
            case _:
                good = getattr(facts, name) in wanted
        if not good:
            return False
    return True


def check_conditions(conditions: Any) -> list[str]:
    """What is wrong with conditions, as names of the parts at fault; empty when all is well."""
    if not isinstance(conditions, Mapping):
        return ["conditions"]
    wrong = []
    for name, wanted in conditions.items():
        if name in LISTS:
            good = isinstance(wanted, list) and bool(wanted)
        elif name == "amount":
            good = _is_amount(wanted)
        else:
            good = name == "safety" and isinstance(wanted, bool)
        if not good:
            wrong.append(str(name))
    return wrong


def _is_amount(value: Any) -> bool:
    try:
        return Decimal(str(value)) >= 0
    except ArithmeticError:
        return False


def is_raised(before: str, after: str) -> bool:
    """Whether a change of priority made it more urgent."""
    return PRIORITIES.index(after) < PRIORITIES.index(before)


def ancestors(parents: Mapping[int, int | None], category: int | None) -> frozenset[int]:
    """A category and all above it, from a map of parents."""
    found: set[int] = set()
    while category is not None and category not in found:
        found.add(category)
        category = parents.get(category)
    return frozenset(found)


def needs(lines: Iterable[Line]) -> frozenset[str]:
    """What the conditions of some lines look at, so that nothing is fetched that nobody asks for."""
    return frozenset(name for line in lines for name in line.conditions)
