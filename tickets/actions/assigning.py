"""Who looks after a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, Team, User
from common import clock
from common.errors import Conflict, Invalid, require
from tickets.actions.steps import allow, change, hold, move, record
from tickets.actions.talking import checked, post
from tickets.models import Status, Ticket, Visibility


def _may_work(ticket: Ticket, person: User) -> bool:
    return Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()


@transaction.atomic
def take(ticket: Ticket, *, actor: User, version: int | None = None, at: datetime | None = None) -> Ticket:
    """Take a case yourself. Raises Conflict when a colleague has it already."""
    allow(actor, "take")
    ticket, at = hold(ticket, version=version, at=at)
    _refuse_closed(ticket)
    if ticket.assignee_id == actor.pk:
        return ticket
    if ticket.assignee_id is not None:
        raise Conflict(_("%(name)s already has this case. Ask for it, or assign it.") % {"name": ticket.assignee})
    _give(ticket, actor, ticket.team or actor.team)
    record(ticket, "ticket.taken", at=at, actor=actor)
    return ticket


@transaction.atomic
def take_next(*, actor: User, at: datetime | None = None) -> Ticket | None:
    """Take the most urgent case that is nobody's: of the own team first, else of any visible one, else None.

    Two people who press at the same time get two cases.
    """
    allow(actor, "take")
    nobodys = (
        Ticket.objects.visible_to(actor)
        .filter(status__in=(Status.NEW, Status.OPEN), assignee__isnull=True)
        .order_by("due_at", "id")
        .select_for_update(of=("self",), skip_locked=True)
    )
    own = nobodys.filter(team=actor.team_id).first() if actor.team_id else None
    ticket = own or nobodys.first()
    if ticket is None:
        return None
    _give(ticket, actor, ticket.team or actor.team)
    record(ticket, "ticket.taken", at=at or clock.now(), actor=actor)
    return ticket


@transaction.atomic
def assign(
    ticket: Ticket,
    *,
    actor: User | None,
    team: Team | None = None,
    assignee: User | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Give a case to a team, to a person, or (with neither) back to the queue of its team.

    Raises Invalid when that person does not work cases or may not see this one.
    """
    allow(actor, "assign")
    if assignee is not None:
        fits = assignee.is_active and assignee.role in {Role.AGENT, Role.LEAD, Role.MANAGER, Role.ADMIN}
        require(
            fits and _may_work(ticket, assignee),
            _("%(name)s can't take this case: wrong role or another shop.") % {"name": assignee},
            Invalid,
        )
    ticket, at = hold(ticket, version=version, at=at)
    _refuse_closed(ticket)
    before: dict[str, Any] = {"from_team": ticket.team_id, "from_assignee": ticket.assignee_id}
    team = team or (assignee.team if assignee and assignee.team else ticket.team)
    _give(ticket, assignee, team)
    record(
        ticket,
        "ticket.assigned",
        at=at,
        actor=actor,
        team=team.pk if team else None,
        assignee=assignee.pk if assignee else None,
        **before,
    )
    return ticket


@transaction.atomic
def escalate(
    ticket: Ticket, *, actor: User, reason: str, version: int | None = None, at: datetime | None = None
) -> Ticket:
    """Hand a case to the lead of its team, saying why; the reason stays as a note. Raises Conflict without a lead."""
    allow(actor, "escalate")
    text = checked(reason, what="reason")
    ticket, at = hold(ticket, version=version, at=at)
    _refuse_closed(ticket)
    lead = ticket.team.lead if ticket.team else None
    if lead is None:
        raise Conflict(_("The team of this case has no lead. Assign it to a person instead."))
    post(ticket, text, at=at, author=actor, visibility=Visibility.NOTE)
    _give(ticket, lead, ticket.team)
    record(ticket, "ticket.escalated", at=at, actor=actor, reason="by_hand")
    return ticket


def _give(ticket: Ticket, assignee: User | None, team: Team | None) -> None:
    fields = {"assignee": assignee, "team": team}
    if assignee is not None and ticket.status == Status.NEW:
        move(ticket, Status.OPEN, **fields)
    else:
        change(ticket, **fields)


def _refuse_closed(ticket: Ticket) -> None:
    if ticket.is_closed:
        raise Conflict(_("This case is closed. Reopen it first."))
