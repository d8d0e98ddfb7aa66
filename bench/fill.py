"""Fill an empty product in bulk: so many cases with four messages each, their texts, events, links and clocks.

What the product's own verbs would have written, without running them a million times; tests/bench compares a sample
with the real thing. One case in five is open, one in twenty of those is late. Everything is chosen by a hash of the
case's id, so that two fills of one size are the same but for the date.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone, translation

from accounts.actions import create_person, make_token, open_product, save_merchant, save_organisation, save_team
from accounts.models import Customer, Merchant, Mode, Role, Team, User
from bench import bulk, words
from bench.bulk import Progress, insert, literal
from calendars.models import Calendar
from common.models import Outbox
from sla.models import Breach, Clock, PolicySet, SlaEvent, Terms, WorkflowStep
from tickets import numbers
from tickets.actions import save_route
from tickets.links import ALPHABET, LENGTH
from tickets.models import CaseLink, Category, Message, Ticket, TicketEvent, TicketText
from tickets.models.ticket import FAR_FUTURE
from tickets.search import lexemes

SHOPS, TEAMS, AGENTS_PER_TEAM = 20, 6, 5
#: Ids are given out in steps, so that a row knows those of its case: message 2 of case 7 is 7 * MESSAGES + 2.
MESSAGES, EVENTS, CLOCKS = 4, 8, 5
PASSWORD = "a-long-password-42"


@dataclass
class Company:
    """Who works there, by id; kept beside the data for the measurements."""

    shops: list[int] = field(default_factory=list)
    teams: list[int] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
    agents: list[int] = field(default_factory=list)
    manager: int = 0
    merchant_agent: int = 0
    tokens: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def fill(size: int, *, say: Callable[[str], None] = print, trusting: bool = True) -> tuple[Company, dict[str, float]]:
    """Fill an empty product with `size` cases; returns its people and the seconds of each step.

    `trusting` skips the look-ups of foreign keys and commits as it goes; tests do neither.
    """
    if Ticket.objects.exists() or User.objects.exists():
        raise SystemExit("This database is in use; the fill only goes into an empty one.")
    progress, began = Progress(say), time.monotonic()
    now = timezone.now()
    with progress.step("people, teams and shops"):
        company = found_company()
    with progress.step("sentences"):
        keep_sentences()
    with progress.step("numbers and links"):
        keep_keys(size)
    with progress.step("what happens in each case"):
        choose(size, company, now)
    statements = rows(company, now)
    tables = [model._meta.db_table for model in FILLED]
    indexes = bulk.put_indexes_aside(tables)
    bulk.run_together(statements, progress, trusting=trusting)
    bulk.run_together(
        {f"indexes of {table}": made for table, made in indexes.items() if made}, progress, trusting=trusting
    )
    if trusting:
        vacuums = {f"vacuum of {table}": [f"VACUUM (ANALYZE) {table}"] for table in tables}
        bulk.run_together(vacuums, progress, trusting=True)
    with progress.step("sequences and statistics"):
        finish(tables)
    seconds = time.monotonic() - began
    progress.seconds["everything"] = round(seconds, 1)
    say(f"filled: {size:,} cases in {seconds:.0f} s, {size / seconds:,.0f} cases/s")
    return company, progress.seconds


#: The biggest tables first, so that the last of two workers is not left alone with one of them.
FILLED = (
    TicketText, TicketEvent, Message, Clock, Ticket, CaseLink, Customer, Outbox, Terms, SlaEvent, Breach, WorkflowStep,
)  # fmt: skip


@transaction.atomic
def found_company() -> Company:
    """An organisation with shops, teams and people, by the product's own verbs. They share one password."""
    with translation.override("zh-hans"):
        save_organisation(
            actor=None, name="云禾电器", mode=Mode.MARKETPLACE, calendar=Calendar.objects.get(code="retail")
        )
        shops = [
            save_merchant(None, actor=None, name=f"云禾{town}店", code=f"SHOP{number}", slug=f"shop{number}")
            for number, town in enumerate(words.TOWNS[:SHOPS], start=1)
        ]
        open_product(actor=None, team_name="售后1组", lead_name="王敏", lead_email="lead1@bench.test")
        teams = [Team.objects.get()]
        leads = [User.objects.get(email="lead1@bench.test")]
        for number in range(2, TEAMS + 1):
            leads.append(_person(Role.LEAD, f"lead{number}", f"组长{number}"))
            teams.append(save_team(None, actor=None, name=f"售后{number}组", lead=leads[-1]))
        agents = [
            _person(Role.AGENT, f"agent{number}-{place}", f"客服{number}-{place}", team=team)
            for number, team in enumerate(teams, start=1)
            for place in range(1, AGENTS_PER_TEAM + 1)
        ]
        manager = _person(Role.MANAGER, "manager", "李航")
        _person(Role.ADMIN, "admin", "陈晓")
        scoped = _person(Role.AGENT, "merchant", "赵雪", team=teams[0], merchants=shops[:1])
        User.objects.update(password=make_password(PASSWORD))
        save_route(actor=None, merchant=None, category=None, team=teams[0])
        for number, shop in enumerate(shops):
            save_route(actor=None, merchant=shop, category=None, team=teams[number % TEAMS])
        return Company(
            shops=[shop.pk for shop in shops],
            teams=[team.pk for team in teams],
            leads=[lead.pk for lead in leads],
            agents=[agent.pk for agent in agents],
            manager=manager.pk,
            merchant_agent=scoped.pk,
            tokens=[make_token(agent, actor=None) for agent in agents[:8]],
        )


def _person(
    role: str, address: str, name: str, *, team: Team | None = None, merchants: list[Merchant] | None = None
) -> User:
    return create_person(
        actor=None, name=name, role=role, email=f"{address}@bench.test", team=team, merchants=merchants or []
    )


def keep_sentences() -> None:
    """Every sentence with the searchable parts that the product itself finds in it."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNLOGGED TABLE bench_sentence (purpose text, place bigint, body text, words tsvector)")
        for purpose, texts in words.sentences().items():
            cursor.executemany(
                "INSERT INTO bench_sentence VALUES (%s, %s, %s, array_to_tsvector(%s))",
                [(purpose, place, text, lexemes([text])) for place, text in enumerate(texts)],
            )
        cursor.execute("CREATE UNIQUE INDEX ON bench_sentence (purpose, place)")
        cursor.execute("ANALYZE bench_sentence")


def keep_keys(size: int) -> None:
    """What is computed in Python: ticket numbers and the hashes of case links."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number_key FROM accounts_organisation")
        key = cursor.fetchone()[0]
        cursor.execute("CREATE UNLOGGED TABLE bench_key (id bigint, number text, salt text, token_hash text)")
    bulk.copy("bench_key", keys(size, key))


def keys(size: int, key: str) -> Iterator[tuple[int, str, str, str]]:
    """Id, number, salt and hash of the link's token: `numbers.number_for` and `links.token_of`, with their rounds kept."""
    half = 10 ** (numbers.DIGITS // 2)
    rounds = []
    for turn in range(4):
        first = hmac.new(key.encode(), f"{turn}:".encode(), hashlib.sha256)
        rounds.append([])
        for right in range(half):
            digest = first.copy()
            digest.update(str(right).encode())
            rounds[-1].append(int.from_bytes(digest.digest()[:8], "big") % half)
    link = hmac.new(settings.SECRET_KEY.encode(), b"case-link:", hashlib.sha256)
    for pk in range(1, size + 1):
        left, right = divmod(pk, half)
        for turn in rounds:
            left, right = right, (left + turn[right]) % half
        digits = f"{left * half + right:0{numbers.DIGITS}d}"
        salt = f"{pk:016x}"
        digest = link.copy()
        digest.update(f"{pk}:{salt}".encode())
        value, letters = int.from_bytes(digest.digest(), "big"), ""
        for _ in range(LENGTH):
            value, place = divmod(value, len(ALPHABET))
            letters += ALPHABET[place]
        number = f"{numbers.PREFIX}{digits}{numbers.check_digit(digits)}"
        yield pk, number, salt, hashlib.sha256(letters.encode()).hexdigest()


def choose(size: int, company: Company, now: datetime) -> None:
    """One row per case that says everything that the rows of the product are made from."""
    sentences = words.sentences()
    marks = list(words.MARKS)
    categories = list(
        Category.objects.filter(is_safety=False, children=None).order_by("pk").values_list("pk", flat=True)
    )
    moment = literal(now)
    said = ", ".join(
        f"bench_pick(g, {30 + place}, {len(sentences[purpose])}) AS {name}"
        for place, (name, purpose) in enumerate(SAID.items())
    )
    marked = ", ".join(
        f"CASE WHEN bench_pick(g, {50 + place}, {words.MARKS[word]}) = 0 "
        f"THEN bench_pick(g, {60 + place}, {len(sentences[word])}) END AS mark{place}"
        for place, word in enumerate(marks)
    )
    with connection.cursor() as cursor:
        bulk.hurry(cursor, trusting=False)
        # A number from 0 to most - 1 that looks like chance and is always the same for a case.
        cursor.execute(
            "CREATE OR REPLACE FUNCTION bench_pick(id bigint, seed bigint, most bigint) RETURNS bigint LANGUAGE sql"
            " IMMUTABLE PARALLEL SAFE AS 'SELECT (hashint8extended(id, seed) & 9007199254740991) % most'"
        )
        cursor.execute(
            f"""
            CREATE UNLOGGED TABLE bench_case AS
            SELECT c.*, k.number, k.salt, k.token_hash,
              status IN ('new', 'open') AND bench_pick(c.id, 20, 20) = 0 AS is_late,
              bench_pick(c.id, 26, 33) = 0 AS at_risk, bench_pick(c.id, 21, 100) < 8 AS first_missed,
              bench_pick(c.id, 22, 100) < 6 AS result_missed,
              opened_at + life * 0.15 AS answered_at, opened_at + life * 0.4 AS asked_at,
              opened_at + life * 0.6 AS answered_again_at,
              CASE status WHEN 'closed' THEN opened_at + life * 0.8 WHEN 'resolved'
                THEN greatest(opened_at + life * 0.8, {moment}::timestamptz - interval '6 days' * chance) END AS resolved_at,
              CASE status WHEN 'closed' THEN opened_at + life END AS closed_at,
              {moment}::timestamptz + interval '3 hours' + interval '5 days' * bench_pick(c.id, 23, 1000000) / 1000000.0
                AS next_due_at,
              {moment}::timestamptz + interval '9 hours' + interval '9 days' * bench_pick(c.id, 24, 1000000) / 1000000.0
                AS result_due_at,
              {moment}::timestamptz - interval '2 days' * bench_pick(c.id, 25, 1000000) / 1000000.0 - interval '1 minute'
                AS was_due_at,
              {moment}::timestamptz + interval '4 hours' + interval '10 days' * chance AS wait_until
            FROM (
              SELECT g AS id, opened_at, chance,
                least(interval '60 hours' * (0.05 + chance), ({moment}::timestamptz - opened_at) * 0.9) AS life,
                CASE WHEN place < 40 THEN 'new' WHEN place < 140 THEN 'open' WHEN place < 180 THEN 'pending'
                  WHEN place < 200 THEN 'on_hold' WHEN place < 230 THEN 'resolved' ELSE 'closed' END AS status,
                shop, ({literal(company.shops)}::bigint[])[1 + shop] AS merchant_id,
                ({literal(company.teams)}::bigint[])[1 + shop % {TEAMS}] AS team_id,
                ({literal(company.leads)}::bigint[])[1 + shop % {TEAMS}] AS lead_id,
                ({literal(company.agents)}::bigint[])
                  [1 + (shop % {TEAMS}) * {AGENTS_PER_TEAM} + bench_pick(g, 4, {AGENTS_PER_TEAM})] AS agent_id,
                ({literal(categories)}::bigint[])[1 + bench_pick(g, 5, {len(categories)})] AS category_id,
                (ARRAY['normal','normal','normal','normal','normal','normal','high','high','low','urgent'])
                  [1 + bench_pick(g, 6, 10)] AS priority,
                (ARRAY['form','form','form','form','form','form','phone','wechat','mail','chat'])
                  [1 + bench_pick(g, 7, 10)] AS channel,
                (ARRAY['complaint','complaint','complaint','complaint','complaint','complaint','return','return',
                  'question','warranty'])[1 + bench_pick(g, 8, 10)] AS kind,
                CASE WHEN bench_pick(g, 9, 10) < 6 THEN '2603' || lpad((g * 7919 % 100000000)::text, 8, '0') ELSE '' END
                  AS order_number,
                '+861' || (ARRAY['38','39','58','77','86'])[1 + bench_pick(g, 10, 5)]
                  || lpad(bench_pick(g, 11, 100000000)::text, 8, '0') AS phone,
                (ARRAY['何秀英','李娜','王强','张磊','刘洋','陈静','杨丽','赵敏','黄勇','周杰'])[1 + bench_pick(g, 12, 10)] AS name,
                {said}, {marked}
              FROM (
                -- Finished cases are spread over a year; one case in five is open, most of these a few days old.
                SELECT g, place, shop, chance, {moment}::timestamptz - CASE
                    WHEN place < 200 THEN interval '1 minute' + interval '20 days' * chance * chance
                    ELSE interval '365 days' * (({size} - g + 0.5) / {size}) END AS opened_at
                FROM (
                  SELECT g, bench_pick(g, 1, 1000) AS place, bench_pick(g, 2, {SHOPS}) AS shop,
                    bench_pick(g, 3, 1000000) / 1000000.0 AS chance
                  FROM generate_series(1::bigint, {size}) g
                ) dice
              ) basics
            ) c JOIN bench_key k ON k.id = c.id
            ORDER BY c.id
            """
        )
        cursor.execute("ANALYZE bench_case")
        joined = " ".join(
            [
                f"JOIN bench_sentence {name} ON {name}.purpose = '{purpose}' AND {name}.place = c.{name}"
                for name, purpose in SAID.items()
            ]
            + [
                f"LEFT JOIN bench_sentence mark{place} ON mark{place}.purpose = '{word}' AND mark{place}.place = c.mark{place}"
                for place, word in enumerate(marks)
            ]
        )
        # The most common marked word is said in the middle of a conversation, the others at its beginning.
        at_first = " || ".join(f"coalesce(mark{place}.body, '')" for place in range(1, len(marks)))
        all_marks = " || ".join(f"coalesce(mark{place}.words, '')" for place in range(len(marks)))
        cursor.execute(
            f"""
            CREATE UNLOGGED TABLE bench_text AS
            SELECT c.id, rtrim(opening.body, '。') AS subject,
              opening.body || detail.body || {at_first} AS first,
              CASE WHEN status = 'new' THEN note.body ELSE reply.body || next.body END AS second,
              follow.body || coalesce(mark0.body, '') AS third,
              CASE WHEN status IN ('new', 'open') THEN more.body ELSE result.body || next.body END AS fourth,
              opening.words || detail.words || follow.words || {all_marks}
                || CASE WHEN status = 'new' THEN note.words ELSE reply.words || next.words END
                || CASE WHEN status IN ('new', 'open') THEN more.words ELSE result.words || next.words END
                || array_to_tsvector(array_remove(
                     ARRAY[order_number, right(phone, 13), right(phone, 11), right(phone, 4)], '')) AS words
            FROM bench_case c {joined}
            ORDER BY c.id
            """
        )
        cursor.execute("ANALYZE bench_text")


#: column of bench_case -> purpose of the sentence it points at
SAID = {
    "opening": "opening", "detail": "detail", "reply": "reply", "next": "next", "follow": "follow", "more": "detail",
    "result": "result", "note": "note",
}  # fmt: skip


def rows(company: Company, now: datetime) -> dict[str, list[str]]:
    """Table -> the statements that fill it."""
    moment, far = f"{literal(now)}::timestamptz", f"{literal(FAR_FUTURE)}::timestamptz"
    is_waiting = "status IN ('pending', 'on_hold')"
    is_ours = "status IN ('new', 'open')"
    asked = "CASE WHEN status = 'new' THEN 'first_response' ELSE 'next_response' END"
    due = f"CASE WHEN is_late THEN was_due_at WHEN {is_ours} THEN least(next_due_at, result_due_at) ELSE {far} END"
    warn = (
        f"CASE WHEN is_late THEN was_due_at - interval '1 hour' WHEN {is_ours} AND at_risk THEN {moment} "
        f"- interval '30 minutes' WHEN {is_ours} THEN least(next_due_at, result_due_at) - interval '1 hour' ELSE {far} END"
    )
    cases = "bench_case c JOIN bench_text t USING (id)"
    statements = {
        TicketText: [
            insert(TicketText, cases, {"ticket": "id", "merchant": "merchant_id", "words": "words"}),
        ],
        TicketEvent: [_events()],
        Message: [_messages()],
        Clock: [_clocks(moment)],
        Ticket: [
            insert(
                Ticket,
                cases,
                {
                    "id": "id",
                    "number": "number",
                    "kind": "kind",
                    "channel": "channel",
                    "status": "status",
                    "priority": "priority",
                    "category": "category_id",
                    "merchant": "merchant_id",
                    "team": "team_id",
                    "order_number": "order_number",
                    "customer": "id",
                    "subject": "subject",
                    "assignee": "CASE WHEN status <> 'new' THEN agent_id END",
                    "amount": "(10 + id % 900)",
                    "opened_at": "opened_at",
                    "received_at": "opened_at",
                    "first_response_at": "CASE WHEN status <> 'new' THEN answered_at END",
                    "resolved_at": "resolved_at",
                    "closed_at": "closed_at",
                    "close_reason": "CASE WHEN status = 'closed' THEN 'confirmed' ELSE '' END",
                    "wait_reason": "CASE status WHEN 'pending' THEN 'customer_facts' WHEN 'on_hold' THEN 'carrier' ELSE '' END",
                    "wait_until": f"CASE WHEN {is_waiting} THEN wait_until END",
                    "due_at": due,
                    "warn_at": warn,
                    "due_metric": f"CASE WHEN NOT {is_ours} THEN '' WHEN is_late OR next_due_at <= result_due_at THEN {asked} "
                    "ELSE 'resolution' END",
                    "last_message_at": "CASE WHEN resolved_at IS NOT NULL THEN resolved_at ELSE answered_again_at END",
                    "last_author_kind": f"CASE WHEN {is_ours} THEN 'customer' ELSE 'staff' END",
                    "last_snippet": "left(fourth, 80)",
                    "rating": "CASE WHEN status = 'closed' AND chance < 0.5 THEN 1 + bench_pick(id, 27, 5) END",
                    "notice_version": "1",
                    "version": "6",
                },
            )
        ],
        CaseLink: [
            insert(
                CaseLink,
                "bench_case",
                {
                    "id": "id",
                    "ticket": "id",
                    "salt": "salt",
                    "token_hash": "token_hash",
                    "created_at": "opened_at",
                    "expires_at": "opened_at + interval '400 days'",
                },
            )
        ],
        Customer: [
            insert(Customer, "bench_case", {"id": "id", "name": "name", "phone": "phone", "created_at": "opened_at"})
        ],
        Outbox: [
            insert(
                Outbox,
                "bench_case",
                {
                    "key": "'receipt:' || id",
                    "channel": "'sms'",
                    "stream": "'ticket:' || id",
                    "kind": "'ticket.opened'",
                    "payload": "jsonb_build_object('ticket', id)",
                    "state": "'sent'",
                    "attempts": "1",
                    "not_before": "opened_at",
                    "created_at": "opened_at",
                    "sent_at": "opened_at + interval '2 seconds'",
                },
            )
        ],
        Terms: [_terms()],
        SlaEvent: [_sla_events()],
        Breach: [_breaches()],
        WorkflowStep: [_steps()],
    }
    # What points at a row comes after it, for when foreign keys are looked up; breaches are made from the clocks.
    promises = (Clock, Breach, SlaEvent, WorkflowStep)
    order = (Customer, Ticket, Message, TicketEvent, Clock, TicketText, CaseLink, Terms, Outbox)
    return {
        model._meta.db_table: [line for one in (promises if model is Clock else (model,)) for line in statements[one]]
        for model in order
    }


def _messages() -> str:
    """Four messages of each case; the second of a new one is a note, since nobody answered yet."""
    lines = """
      bench_case c JOIN bench_text t USING (id), LATERAL (VALUES
        (0, 'public', 'customer', NULL, first, opened_at),
        (1, CASE WHEN status = 'new' THEN 'note' ELSE 'public' END, 'staff', agent_id, second, answered_at),
        (2, 'public', 'customer', NULL, third, asked_at),
        (3, 'public', CASE WHEN status IN ('new', 'open') THEN 'customer' ELSE 'staff' END,
          CASE WHEN status IN ('new', 'open') THEN NULL ELSE agent_id END, fourth,
          coalesce(resolved_at, answered_again_at))
      ) m(place, visibility, author_kind, author_id, body, at)"""
    return insert(
        Message,
        lines,
        {
            "id": f"id * {MESSAGES} + place", "ticket": "id", "visibility": "visibility", "author_kind": "author_kind",
            "author": "author_id", "body": "body", "at": "at",
        },
    )  # fmt: skip


def _events() -> str:
    """The timeline: opened, taken, said, resolved, confirmed or put aside."""
    lines = """
      bench_case, LATERAL (VALUES
        (0, 'ticket.opened', opened_at, 'customer', NULL::bigint, 0::bigint,
          jsonb_build_object('channel', channel, 'kind', kind, 'priority', priority)),
        (1, CASE WHEN status <> 'new' THEN 'ticket.taken' END, answered_at - interval '1 second', 'staff', agent_id, NULL, '{}'),
        (2, CASE WHEN status = 'new' THEN 'message.noted' ELSE 'message.replied' END, answered_at, 'staff', agent_id, 1, '{}'),
        (3, 'message.received', asked_at, 'customer', NULL, 2, '{}'),
        (4, CASE WHEN status IN ('new', 'open') THEN 'message.received' WHEN resolved_at IS NULL THEN 'message.replied' END,
          answered_again_at, CASE WHEN status IN ('new', 'open') THEN 'customer' ELSE 'staff' END,
          CASE WHEN status NOT IN ('new', 'open') THEN agent_id END, 3, '{}'),
        (5, CASE WHEN resolved_at IS NOT NULL THEN 'ticket.resolved' END, resolved_at, 'staff', agent_id, 3, '{}'),
        (6, CASE WHEN closed_at IS NOT NULL THEN 'ticket.confirmed' END, closed_at, 'customer', NULL, NULL, '{}'),
        (7, CASE status WHEN 'pending' THEN 'ticket.waited' WHEN 'on_hold' THEN 'ticket.held' END,
          answered_again_at + interval '1 second', 'staff', agent_id, NULL,
          jsonb_build_object('reason', CASE status WHEN 'pending' THEN 'customer_facts' ELSE 'carrier' END, 'until', wait_until))
      ) e(place, event, happened_at, actor_kind, actor_id, message, facts)
      WHERE event IS NOT NULL"""
    return insert(
        TicketEvent,
        lines,
        {
            "id": f"id * {EVENTS} + place", "ticket": "id", "kind": "event", "at": "happened_at", "actor_kind": "e.actor_kind",
            "actor": "actor_id", "message": f"id * {MESSAGES} + message", "data": "facts", "version": "least(place + 1, 6)",
        },
    )  # fmt: skip


def _terms() -> str:
    published = PolicySet.objects.published().order_by("-number").first()
    if published is None:
        raise SystemExit("No promises are published, so no clock can run.")
    policy = published.policies.order_by("-position").first()
    assert policy is not None
    return insert(Terms, "bench_case", {"ticket": "id", "policy_set": str(published.pk), "policy": str(policy.pk)})


def _clocks(moment: str) -> str:
    """About three clocks for each case, running for the open ones."""
    policy = PolicySet.objects.published().order_by("-number")[0].policies.order_by("-position")[0]
    version = Calendar.objects.get(code="retail").current_id
    over = "(status IN ('resolved', 'closed'))"
    lines = f"""
      (SELECT * FROM bench_case, LATERAL (VALUES
        (0, 'first_response', '', CASE WHEN status = 'new' THEN 'running' ELSE 'met' END, opened_at,
          CASE WHEN status <> 'new' THEN answered_at - life * (CASE WHEN first_missed THEN 0.05 ELSE -0.1 END)
            WHEN is_late THEN was_due_at ELSE next_due_at END,
          CASE WHEN status <> 'new' THEN answered_at END,
          CASE WHEN status = 'new' THEN is_late ELSE first_missed END, 'message.replied', 240),
        (1, 'resolution', '', CASE WHEN {over} THEN 'met' WHEN status IN ('pending', 'on_hold') THEN 'paused' ELSE 'running' END,
          opened_at, CASE WHEN {over} THEN resolved_at - life * (CASE WHEN result_missed THEN 0.1 ELSE -0.1 END)
            WHEN status NOT IN ('pending', 'on_hold') THEN result_due_at END,
          resolved_at, {over} AND result_missed, 'ticket.resolved', 4320),
        (2, CASE WHEN status <> 'new' THEN 'next_response' END, '', CASE WHEN status = 'open' THEN 'running' ELSE 'met' END, asked_at,
          CASE WHEN status <> 'open' THEN coalesce(resolved_at, answered_again_at) + life * 0.1
            WHEN is_late THEN was_due_at ELSE next_due_at END,
          CASE WHEN status <> 'open' THEN coalesce(resolved_at, answered_again_at) END,
          status = 'open' AND is_late, 'message.replied', 240),
        (3, CASE WHEN is_late THEN 'recovery' END, CASE WHEN status = 'new' THEN 'first_response' ELSE 'next_response' END, 'running',
          was_due_at, next_due_at, NULL, false, '', 120)
      ) m(place, metric, recovers, state, started_at, due, met_at, missed, ended_by, minutes)
      WHERE metric IS NOT NULL) c"""
    is_running = "state = 'running' AND NOT missed"
    return insert(
            Clock,
            lines,
            {
                "id": f"id * {CLOCKS} + place", "ticket": "id", "metric": "metric", "recovers": "recovers", "side": "'ours'",
                "policy": str(policy.pk), "calendar_version": str(version),
                "target": "jsonb_build_object('minutes', minutes)", "warn_percents": "'[75]'",
                "started_at": "started_at", "counted_from": "started_at",
                "pauses": "CASE WHEN state = 'paused' THEN jsonb_build_array(jsonb_build_array(answered_again_at, NULL, "
                "CASE status WHEN 'pending' THEN 'customer_facts' ELSE 'carrier' END)) ELSE '[]' END",
                "due_at": "due", "promised_at": "coalesce(due, result_due_at)",
                "warn_at": f"CASE WHEN {is_running} AND at_risk THEN {moment} - interval '30 minutes' "
                "ELSE due - interval '1 hour' END",
                "next_warn_at": f"CASE WHEN {is_running} AND NOT at_risk THEN due - interval '1 hour' END",
                "warnings": f"CASE WHEN {is_running} AND NOT at_risk THEN 0 ELSE 1 END",
                "state": "state", "ended_at": "met_at", "ended_by": "CASE WHEN met_at IS NULL THEN '' ELSE ended_by END",
                "breached_at": "CASE WHEN missed THEN due + interval '2 seconds' END",
                "judged_at": "CASE WHEN missed THEN due ELSE met_at END",
                "merchant": "merchant_id", "team": "team_id", "category": "category_id",
            },
        )  # fmt: skip


#: The clocks that were missed, with their case.
MISSED = "sla_clock k JOIN bench_case c ON c.id = k.ticket_id"


def _breaches() -> str:
    """One for each missed clock; those of finished promises were acknowledged."""
    return insert(
        Breach,
        f"{MISSED} WHERE k.breached_at IS NOT NULL",
        {
            "id": "k.id", "clock": "k.id", "ticket": "k.ticket_id", "metric": "k.metric", "due_at": "k.due_at",
            "recorded_at": "k.breached_at", "late_by": "k.ended_at - k.due_at", "status": "c.status",
            "assignee": "c.agent_id", "team": "c.team_id", "merchant": "c.merchant_id", "category": "c.category_id",
            "step": "CASE WHEN k.ended_at IS NULL THEN 'escalated' ELSE 'acknowledged' END",
            "told_at": "k.breached_at + interval '1 second'",
            "recovery": f"CASE WHEN k.ended_at IS NULL THEN k.ticket_id * {CLOCKS} + 3 END",
            "escalated_to": "c.lead_id", "escalated_at": "k.breached_at + interval '2 seconds'",
            "acknowledge_by": "CASE WHEN k.ended_at IS NULL THEN c.next_due_at ELSE k.breached_at + interval '30 minutes' END",
            "acknowledged_by": "CASE WHEN k.ended_at IS NOT NULL THEN c.lead_id END",
            "acknowledged_at": "CASE WHEN k.ended_at IS NOT NULL THEN k.breached_at + interval '9 minutes' END",
        },
    )  # fmt: skip


def _sla_events() -> str:
    lines = f"""
      {MISSED}, LATERAL (VALUES
        ('sla.breached', 0, jsonb_build_object('metric', k.metric, 'due_at', k.due_at, 'repeat', 1)),
        ('sla.told', 1, jsonb_build_object('metric', k.metric, 'template', 'sla.late')),
        ('sla.escalated', 2, jsonb_build_object('metric', k.metric, 'to', jsonb_build_array(c.lead_id), 'level', 1, 'repeat', 1))
      ) e(event, seconds, facts) WHERE k.breached_at IS NOT NULL"""
    return insert(
        SlaEvent,
        lines,
        {
            "ticket": "k.ticket_id", "clock": "k.id", "breach": "k.id", "kind": "event", "actor_kind": "'system'",
            "at": "k.breached_at + seconds * interval '1 second'", "data": "facts",
        },
    )  # fmt: skip


def _steps() -> str:
    return insert(
        WorkflowStep,
        f"{MISSED}, LATERAL (VALUES ('tell'), ('escalate')) s(step) WHERE k.breached_at IS NOT NULL",
        {
            "breach": "k.id", "kind": "step", "state": "'done'", "not_before": "k.breached_at", "attempts": "1",
            "done_at": "k.breached_at + interval '2 seconds'",
        },
    )  # fmt: skip


def finish(tables: list[str]) -> None:
    """Set the sequences behind the ids we gave, drop our own tables, and let the planner and the index-only scans know."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT a.attname, pg_get_serial_sequence(%s, a.attname) FROM pg_attribute a "
                "WHERE a.attrelid = %s::regclass AND a.attidentity <> ''",
                [table, table],
            )
            for column, sequence in cursor.fetchall():
                cursor.execute(f"SELECT setval(%s, (SELECT coalesce(max({column}), 1) FROM {table}))", [sequence])
        cursor.execute("DROP TABLE bench_sentence, bench_key, bench_case, bench_text")
        cursor.execute("DROP FUNCTION bench_pick")
        # Every table that was never looked at; the filled ones were, together with their vacuum.
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples < 0"
        )
        unknown = [f'"{name}"' for (name,) in cursor.fetchall()]
        cursor.execute(f"ANALYZE {', '.join(unknown) or 'django_migrations'}")
