"""Case links: short, unguessable, never stored.

The token is computed from the row's id and salt, so that a worker can write it into a message later; the database
only holds its hash, by which a visitor is let in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from django.conf import settings

from tickets.models import CaseLink, Ticket

# No 0/O, 1/l/I: people type these from paper.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"
#: 13 characters of 56 are 75 bits.
LENGTH = 13


def token_of(ticket_id: int, salt: str) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), f"case-link:{ticket_id}:{salt}".encode(), hashlib.sha256).digest()
    value, letters = int.from_bytes(digest, "big"), []
    for _ in range(LENGTH):
        value, index = divmod(value, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_link(ticket: Ticket, at: datetime) -> CaseLink:
    """An unsaved link for `ticket`, valid for a year."""
    salt = secrets.token_hex(8)
    return CaseLink(
        ticket=ticket,
        salt=salt,
        token_hash=hash_of(token_of(ticket.pk, salt)),
        created_at=at,
        expires_at=at + CaseLink.KEPT,
    )


def path_of(link: CaseLink) -> str:
    """The address part of the customer's page, `/c/<token>/`."""
    return f"/c/{token_of(link.ticket_id, link.salt)}/"


def ticket_behind(token: str, at: datetime) -> Ticket | None:
    """The case a visitor with this token may see; None for a wrong, expired or revoked one, which all look the same."""
    if len(token) != LENGTH:
        return None
    link = CaseLink.objects.valid(at).filter(token_hash=hash_of(token)).select_related("ticket").first()
    return link.ticket if link else None
