"""How fast people see what they ask for: the busiest pages, search and the API list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore

from accounts.models import User
from bench import words
from bench.client import Client, Figures, getting, measure
from bench.fill import Company
from tickets.links import path_of
from tickets.models import OPEN_STATES, CaseLink, Ticket
from tickets.models.ticket import FAR_FUTURE

CLIENTS = 8
#: So many different cases are asked for in turn.
SAMPLE = 240


def session_of(user: User) -> str:
    """A signed-in session, as the sign-in page makes it (its slow hash is not what is measured here)."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def sample(rows: Iterable[Ticket], size: int) -> list[Ticket]:
    """Cases from everywhere in the table."""
    step = max(1, size // SAMPLE)
    return list(rows.filter(pk__in=range(1, size + 1, step))[:SAMPLE])  # type: ignore[attr-defined]


class People:
    """Clients for everybody who is measured."""

    def __init__(self, port: int, company: Company) -> None:
        people = User.objects.in_bulk([*company.agents[:CLIENTS], company.manager, company.merchant_agent])

        def clients(pks: list[int]) -> list[Client]:
            sessions = {pk: session_of(people[pk]) for pk in pks}
            return [
                Client(port, session=sessions[pks[place % len(pks)]], address=f"203.0.113.{place + 1}")
                for place in range(CLIENTS)
            ]

        self.agents = clients(company.agents[:CLIENTS])
        self.managers = clients([company.manager])
        self.merchant_agents = clients([company.merchant_agent])
        self.guests = [Client(port, address=f"198.51.100.{place + 1}") for place in range(CLIENTS)]
        self.programs = [
            Client(port, token=token, address=f"192.0.2.{place + 1}")
            for place, token in enumerate(company.tokens[:CLIENTS])
        ]


def pages(
    port: int, company: Company, size: int, *, say: Callable[[str], None] = print, brief: bool = False
) -> list[Figures]:
    """Every page, one client first and eight together afterwards. `brief` asks a few times only (for tests)."""
    people = People(port, company)
    open_cases = sample(Ticket.objects.filter(status__in=OPEN_STATES), size)
    every_case = sample(Ticket.objects.all(), size)
    links = CaseLink.objects.filter(ticket__in=open_cases).select_related("ticket")
    middle = Ticket.objects.filter(status__in=OPEN_STATES, due_at__lt=FAR_FUTURE).order_by("due_at")
    deep = middle[middle.count() // 2]
    place = f"{int(deep.due_at.timestamp() * 1_000_000)}-{deep.pk}"
    number = [case.number for case in every_case]
    shop = company.shops[3]

    def queue(**asked: object) -> str:
        return "/queue/?" + urlencode({key: str(value) for key, value in asked.items()})

    wanted = [
        ("queue, all open, as manager", people.managers, [queue(view="open")]),
        ("queue, mine and nobody's, as agent", people.agents, ["/queue/"]),
        ("queue, half-way down", people.managers, [queue(view="open", after=place)]),
        ("queue, everything, newest first", people.managers, [queue(view="all")]),
        ("queue, one shop", people.managers, [queue(view="open", merchant=shop)]),
        ("queue, status and priority", people.managers, [queue(view="open", status="open", priority="urgent")]),
        ("queue, team, category and late", people.managers, [queue(team=company.teams[1], sla="late")]),
        ("queue, as merchant agent", people.merchant_agents, [queue(view="open")]),
        ("ticket page", people.agents, [f"/t/{case.number}/" for case in every_case]),
        ("ticket page from the queue", people.agents, [f"/t/{case.number}/?view=open" for case in open_cases]),
        ("case page of the customer", people.guests, [path_of(link) for link in links]),
        ("complaint form", people.guests, ["/file/"]),
        *(
            (f"search “{word}” (one case in {share:,}), as {who}", clients, [queue(q=word)])
            for word, share in words.MARKS.items()
            for who, clients in (("manager", people.managers), ("merchant agent", people.merchant_agents))
        ),
        ("search by number", people.managers, [queue(q=text) for text in number]),
        ("search, nothing found", people.managers, [queue(q="钛合金")]),
        ("API, list of 25", people.programs, ["/api/v1/tickets/?page_size=25"]),
        ("API, search in a list", people.programs, [f"/api/v1/tickets/?q={quote(words.TENTH)}&page_size=25"]),
        ("promises, 30 days, as manager", people.managers, ["/sla/"]),
    ]
    found = []
    for name, clients, paths in wanted:
        asks = [getting(path) for path in paths]
        if brief:
            figures = measure(name, clients[:1], asks, count=2, warm=1, together=0)
        else:
            figures = measure(name, clients, asks)
        found.append(figures)
        say(line(figures))
    return found


def line(figures: Figures) -> str:
    errors = f"  NOT AS EXPECTED: {figures.errors}" if figures.errors else ""
    return (
        f"{figures.name:<58} p50 {figures.p50:7.1f} ms  p95 {figures.p95:7.1f} ms  {figures.statements:3d} statements "
        f"{figures.sql_ms:6.1f} ms in SQL {figures.cpu_ms:6.1f} ms in Python  {figures.per_second:6.1f}/s{errors}"
    )
