"""Ticket numbers that can be read over the phone and tell nobody our volume: `HY` + 8 permuted digits + check digit."""

from __future__ import annotations

import hashlib
import hmac

PREFIX = "HY"
DIGITS = 8
_HALF = 10 ** (DIGITS // 2)

# Damm's table: finds every single wrong digit and every swap of two neighbours.
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def number_for(sequence: int, key: str) -> str:
    """The number of the ticket with this primary key (1 to 99,999,999); `key` is the installation's own secret.

    Raises ValueError beyond that range: by then the numbers need one more digit.
    """
    if not 0 < sequence < 10**DIGITS:
        raise ValueError(f"no number for {sequence}")
    digits = f"{_permute(sequence, key):0{DIGITS}d}"
    return f"{PREFIX}{digits}{check_digit(digits)}"


def _permute(value: int, key: str) -> int:
    """Four Feistel rounds over two halves of four digits: a bijection, so no number comes twice."""
    left, right = divmod(value, _HALF)
    for turn in range(4):
        digest = hmac.new(key.encode(), f"{turn}:{right}".encode(), hashlib.sha256).digest()
        left, right = right, (left + int.from_bytes(digest[:8], "big")) % _HALF
    return left * _HALF + right


def check_digit(digits: str) -> str:
    state = "0"
    for digit in digits:
        state = _DAMM[int(state)][int(digit)]
    return state


def parse_number(text: str) -> str | None:
    """The stored form of what somebody typed ("hy 4827 1936 5", "482719365"), or None if it is no number of ours."""
    compact = "".join(text.split()).replace("-", "").upper().removeprefix(PREFIX)
    if len(compact) != DIGITS + 1 or not (compact.isascii() and compact.isdigit()):
        return None
    return PREFIX + compact if check_digit(compact) == "0" else None


def spaced(number: str) -> str:
    """HY482719365 -> "HY 4827 1936 5", as it is shown and read out."""
    body = number.removeprefix(PREFIX)
    return f"{PREFIX} {body[:4]} {body[4:8]} {body[8:]}"
