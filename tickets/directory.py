"""The small tables every page names things from: teams, colleagues, categories. Read once, kept for half a minute.

Names of cases, customers and shops are never kept here: there are too many, or they are not ours to keep.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.cache import cache
from django.utils.translation import get_language

from accounts.models import Role, Team, User
from common import per_request
from tickets.models import Category

SECONDS = 30
_KEY = "tickets.directory"
#: Roles that work cases.
WORKING = (Role.AGENT, Role.LEAD, Role.MANAGER, Role.ADMIN)


@dataclass(frozen=True)
class CategoryEntry:
    pk: int
    parent: int | None
    name_zh: str
    name_en: str
    is_active: bool
    is_safety: bool

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


@dataclass(frozen=True)
class Person:
    pk: int
    name: str
    team: int | None
    is_working: bool


@dataclass
class Directory:
    teams: dict[int, str]
    people: dict[int, Person]
    categories: dict[int, CategoryEntry]
    _children: dict[int | None, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.categories.values():
            self._children.setdefault(entry.parent, []).append(entry.pk)

    def team(self, pk: object) -> str:
        return self.teams.get(_number(pk), "")

    def person(self, pk: object) -> str:
        found = self.people.get(_number(pk))
        return found.name if found else ""

    def path(self, pk: object) -> str:
        """质量 / 漏水: the names from the root down."""
        names: list[str] = []
        at = self.categories.get(_number(pk))
        while at is not None and len(names) < Category.DEPTH:
            names.insert(0, at.name)
            at = self.categories.get(at.parent) if at.parent else None
        return " / ".join(names)

    def subtree(self, pk: int) -> list[int]:
        """A category and everything below it."""
        found = [pk]
        for child in self._children.get(pk, []):
            found += self.subtree(child)
        return found

    def walk(self, parent: int | None = None, depth: int = 1) -> list[tuple[CategoryEntry, int]]:
        """Every category in the order of the tree, with its level from 1."""
        found = []
        for pk in self._children.get(parent, []):
            found += [(self.categories[pk], depth), *self.walk(pk, depth + 1)]
        return found


def directory() -> Directory:
    """Teams, colleagues and categories as they were at most half a minute ago."""
    return per_request.kept(_KEY, _read)


def _read() -> Directory:
    kept = cache.get(_KEY)
    if kept is None:
        kept = (
            dict(Team.objects.values_list("pk", "name")),
            {
                pk: Person(pk, name, team, role in WORKING and is_active)
                for pk, name, team, role, is_active in User.objects.exclude(role=Role.CUSTOMER)
                .order_by("name")
                .values_list("pk", "name", "team_id", "role", "is_active")
            },
            {
                row[0]: CategoryEntry(*row)
                for row in Category.objects.values_list(
                    "pk", "parent_id", "name_zh", "name_en", "is_active", "is_safety"
                )
            },
        )
        cache.set(_KEY, kept, SECONDS)
    return Directory(*kept)


def know_team(user: User) -> None:
    """Tell a page the name of its reader's team without asking each time. For reading only: nothing else is known."""
    if user.team_id and "team" not in user._state.fields_cache:
        user.team = Team(pk=user.team_id, name=directory().team(user.team_id))


def forget() -> None:
    """Read the tables again next time: a category or route was changed."""
    cache.delete(_KEY)
    per_request.forget(_KEY)


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
