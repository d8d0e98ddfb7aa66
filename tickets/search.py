"""Finding cases by what was said.

Chinese has no spaces, and a trigram index finds no two-character word: every text becomes its character pairs.
A GIN index gives no order, and most words people look for are common: so the newest cases are walked first, and
only a word that is rare there goes to the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from tickets.models import Ticket, TicketText

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_LONGEST_WORD = 40
_MOST_WORDS = 20_000
#: How many of the newest cases are looked through first, and how many before the index is asked.
PROBE, WALK = 300, 3_000
#: Where these promise enough hits, it goes on to at most so many: beyond, reading every hit by the index is quicker.
#: Not for one shop: its cases lie far apart, and each costs as much as a hit of the index does.
FURTHEST = 40_000
#: So many hits tell how common a word is.
TELLING = 5
#: No list of hits is longer than this.
MOST_HITS = 1_000


def lexemes(texts: Iterable[str]) -> list[str]:
    """The searchable parts of some texts: pairs of Chinese characters (and the last one alone), words in lower case."""
    found: dict[str, None] = {}
    for text in texts:
        for part in _parts(text):
            found[part] = None
            if len(found) >= _MOST_WORDS:
                return list(found)
    return list(found)


def _parts(text: str) -> Iterator[str]:
    for run in _RUN.findall(text.casefold()):
        if _is_chinese(run[0]):
            yield from (run[i : i + 2] for i in range(len(run) - 1))
            yield run[-1]
        else:
            yield run[:_LONGEST_WORD]


def _is_chinese(letter: str) -> bool:
    return (
        letter >= "\u3400"
        and not letter.isascii()
        and bool(re.match(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]", letter))
    )


def query_of(text: str) -> str:
    """A tsquery in which every part must occur; "" if nothing can be searched for.

    A Chinese run is asked for by its pairs; a single character as the beginning of a pair; the last Latin word typed
    by its beginning, so that typing on narrows the list.
    """
    runs = _RUN.findall(text.casefold())[:12]
    terms: list[str] = []
    for index, run in enumerate(runs):
        if _is_chinese(run[0]):
            pairs = [run[i : i + 2] for i in range(len(run) - 1)]
            terms += [_quoted(pair) for pair in pairs] or [_quoted(run) + ":*"]
        else:
            last = index == len(runs) - 1
            terms.append(_quoted(run[:_LONGEST_WORD]) + (":*" if last and len(run) > 1 else ""))
    return " & ".join(terms)


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def index(ticket: Ticket, texts: Iterable[str]) -> None:
    """Start the searchable text of a case (all of it is replaced)."""
    index_many([(ticket, texts)])


def index_many(entries: Sequence[tuple[Ticket, Iterable[str]]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO tickets_tickettext (ticket_id, merchant_id, words) VALUES (%s, %s, array_to_tsvector(%s))"
            " ON CONFLICT (ticket_id) DO UPDATE SET merchant_id = excluded.merchant_id, words = excluded.words",
            [(ticket.pk, ticket.merchant_id, lexemes(texts)) for ticket, texts in entries],
        )


def add_words(ticket: Ticket, text: str) -> None:
    """Make one more message of a case searchable."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_tickettext SET words = words || array_to_tsvector(%s) WHERE ticket_id = %s",
            [lexemes([text]), ticket.pk],
        )


def drop_words(entries: Iterable[tuple[int, Iterable[str]]]) -> None:
    """Make cases (ids) no longer findable by some texts."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE tickets_tickettext SET words = ts_delete(words, %s::text[]) WHERE ticket_id = %s",
            [(lexemes(texts), pk) for pk, texts in entries],
        )


def find(text: str, *, merchants: Iterable[int] = (), before: int | None = None, limit: int = 50) -> list[int]:
    """Ids of cases in which all of `text` occurs, newest first, those of `merchants` only if any are given.

    `before` goes on below an id found earlier.
    """
    query = query_of(text)
    if not query:
        return []
    scope = sorted(merchants)
    newest = _walk(query, scope, before, limit)
    return newest if newest is not None else _ask_index(query, scope, before, limit)


def _where(scope: list[int], before: int | None) -> tuple[str, list[Any]]:
    conditions = ["true"]
    values: list[Any] = []
    if scope:
        conditions.append("merchant_id = ANY(%s)")
        values.append(scope)
    if before is not None:
        conditions.append("ticket_id < %s")
        values.append(before)
    return " AND ".join(conditions), values


def _walk(query: str, scope: list[int], before: int | None, limit: int) -> list[int] | None:
    """The newest hits, or None where the newest cases don't promise `limit` of them (and there are more cases)."""
    where, values = _where(scope, before)
    table = TicketText._meta.db_table
    # The inner LIMIT bounds the work; the planner may not swap it with the filter (OFFSET 0 and CTE keep it apart).
    sql = (
        f"WITH newest AS MATERIALIZED (SELECT ticket_id, words FROM {table} WHERE {where}"  # noqa: S608
        " ORDER BY ticket_id DESC LIMIT %s)"
        " SELECT array_agg(ticket_id ORDER BY ticket_id DESC) FILTER (WHERE words @@ %s::tsquery), count(*) FROM newest"
    )
    with connection.cursor() as cursor:
        size, furthest = PROBE, WALK if scope else FURTHEST
        while size <= furthest:
            cursor.execute(sql, [*values, size, query])
            found, walked = cursor.fetchone()
            hits: list[int] = found or []
            if len(hits) >= limit or walked < size:
                return hits[:limit]
            # A few hits say how far to go for a full list; fewer say little, so a longer look comes first.
            enough = int(size * limit / max(len(hits), 1) * 1.3)
            is_known = len(hits) >= TELLING and enough <= furthest
            size = enough if is_known or size >= WALK else WALK
    return None


def _ask_index(query: str, scope: list[int], before: int | None, limit: int) -> list[int]:
    where, values = _where(scope, before)
    table = TicketText._meta.db_table
    sql = (
        f"WITH hits AS MATERIALIZED (SELECT ticket_id, merchant_id FROM {table} WHERE words @@ %s::tsquery)"  # noqa: S608
        f" SELECT ticket_id FROM hits WHERE {where} ORDER BY ticket_id DESC LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [query, *values, limit])
        return [row[0] for row in cursor.fetchall()]
