"""How much can be written: complaints filed, customers answered, cases made by programs, each with all that follows.

A filing is the whole verb: the row, the first message, its searchable words, the link, the event, the clocks and the
outbox rows of those who are told, committed to disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from bench import words
from bench.client import Answer, Client, Figures, measure
from bench.fill import Company
from bench.pages import CLIENTS, People, line
from tickets.models import Status, Ticket
from tickets.once import new_form_key

#: Seconds that eight clients write together.
TOGETHER = 8


def writes(
    port: int, company: Company, size: int, *, say: Callable[[str], None] = print, brief: bool = False
) -> list[Figures]:
    """Each kind of writing, one client first and eight together afterwards."""
    people = People(port, company)
    texts = words.sentences()
    openings = texts["opening"]

    def anyone() -> str:
        return f"138{secrets.randbelow(10**8):08d}"

    def anywhere() -> str:
        return f"10.{secrets.randbelow(250)}.{secrets.randbelow(250)}.{1 + secrets.randbelow(250)}"

    def file(client: Client) -> Answer:
        # The key of the form is made as the form makes it; everybody comes from an address of their own.
        values = {
            "body": secrets.choice(openings),
            "contact": anyone(),
            "key": new_form_key(),
            "notice": "1",
            "website": "",
        }
        values |= {"shop": f"shop{1 + secrets.randbelow(20)}", "order_number": ""}
        return client.post("/file/", values, address=anywhere())

    # Cases of nobody else's: two clients never answer on the same one at once.
    waiting = list(
        Ticket.objects.filter(status__in=[Status.NEW, Status.OPEN])
        .order_by("-id")
        .values_list("number", flat=True)[:6_000]
    )

    def answering(number: str) -> Callable[[Client], Answer]:
        text = f"{secrets.choice(texts['reply'])}{secrets.choice(texts['next'])}"
        return lambda client: client.post(f"/t/{number}/reply/", {"body": text})

    def create(client: Client) -> Answer:
        value = {"body": secrets.choice(openings), "contact": anyone(), "channel": "phone"}
        value |= {"merchant": f"shop{1 + secrets.randbelow(20)}"}
        return client.post_json("/api/v1/tickets/", value, {"Idempotency-Key": secrets.token_hex(12)})

    wanted = [
        ("filing by a customer", people.guests, [file] * CLIENTS, (302, 303)),
        ("answer by staff", people.agents, [answering(number) for number in waiting], (200, 204, 302, 303)),
        ("API, create a case", people.programs, [create] * CLIENTS, (201,)),
    ]
    found = []
    for name, clients, asks, expect in wanted:
        if brief:
            figures = measure(name, clients[:1], asks, expect=expect, count=2, warm=1, together=0)
        else:
            figures = measure(name, clients, asks, expect=expect, together=TOGETHER)
        found.append(figures)
        say(line(figures))
    return found
