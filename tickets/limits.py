"""How often somebody without an account may ask for something: by contact strictly, by address generously.

Many people share one address (a dormitory, a mobile network), so the address only stops floods. Counters live in the
cache in fixed windows; a count is taken only when the thing was really done.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from common.errors import TooMany


@dataclass(frozen=True)
class Limit:
    """At most `most` in every `window`."""

    name: str
    most: int
    window: timedelta


FILE_BY_CONTACT: Final = Limit("file-contact", 5, timedelta(hours=1))
FILE_BY_ADDRESS: Final = Limit("file-address", 120, timedelta(hours=1))
FIND_BY_CONTACT: Final = Limit("find-contact", 3, timedelta(hours=1))
FIND_BY_ADDRESS: Final = Limit("find-address", 60, timedelta(hours=1))
UPLOAD_BY_ADDRESS: Final = Limit("upload-address", 600, timedelta(hours=1))


def refuse_beyond(limit: Limit, whose: str, sentence: Any) -> None:
    """Raise TooMany with `sentence` when `whose` has used up the window; counts nothing."""
    key, left = _window(limit, whose)
    if (cache.get(key) or 0) >= limit.most:
        raise TooMany(sentence, details={"retry_after": left})


def count(limit: Limit, whose: str) -> None:
    """Note that it was done once more."""
    key, left = _window(limit, whose)
    if not cache.add(key, 1, left):
        try:
            cache.incr(key)
        except ValueError:  # the window ended between the two
            cache.set(key, 1, left)


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; common/trusted_proxies.py has put the real address there."""
    return request.META.get("REMOTE_ADDR", "")


def _window(limit: Limit, whose: str) -> tuple[str, int]:
    """The cache key of the running window (with the contact hashed) and its seconds left."""
    seconds = int(limit.window.total_seconds())
    now = int(timezone.now().timestamp())
    digest = hashlib.sha256(whose.encode()).hexdigest()[:24]
    return f"limit:{limit.name}:{now // seconds}:{digest}", seconds - now % seconds
