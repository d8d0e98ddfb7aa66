"""What just happened, said once at the foot of the page, with a way back where there is one.

Whole pages carry it through Django's messages, answers to htmx through the `HX-Trigger` header. Errors are no toasts:
an error stands where it happened.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

UNDO_SECONDS: Final = 8


@dataclass(frozen=True)
class Toast:
    """`kind` is "" (done), "risk" or "late"; `undo_url` takes a POST within `seconds`."""

    text: str
    kind: str = ""
    undo_url: str = ""
    seconds: int = 0

    @property
    def is_notice(self) -> bool:
        """Warnings and errors stay on the page until the next one."""
        return bool(self.kind)


def say(request: HttpRequest, text: Any) -> None:
    """Tell the person on the next page what was done."""
    messages.success(request, str(text))


def undoable(request: HttpRequest, text: Any, *, undo_url: str, seconds: int = UNDO_SECONDS) -> None:
    """Tell what was done, with an undo button that POSTs to `undo_url` and is offered for `seconds`."""
    messages.success(request, str(text), extra_tags=f"undo {seconds} {undo_url}")


def waiting(request: HttpRequest) -> list[Toast]:
    """The messages not yet shown; each is shown once."""
    found = []
    for message in messages.get_messages(request):
        tags = (message.extra_tags or "").split(" ", 2)
        if tags[0] == "undo" and len(tags) == 3:
            found.append(Toast(str(message.message), undo_url=tags[2], seconds=int(tags[1])))
        elif message.level >= messages.ERROR:
            found.append(Toast(str(message.message), kind="late"))
        elif message.level >= messages.WARNING:
            found.append(Toast(str(message.message), kind="risk"))
        else:
            found.append(Toast(str(message.message)))
    return found


def announce(response: HttpResponse, text: Any, *, undo_url: str = "", seconds: int = UNDO_SECONDS) -> HttpResponse:
    """The same for an answer to htmx: the page shows it without a reload."""
    event = {"toast": {"text": str(text), "undo": undo_url, "seconds": seconds if undo_url else 0}}
    held = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps({**held, **event})
    return response
