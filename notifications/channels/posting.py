"""JSON over HTTP, as gateways and robots take it."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from notifications.channels import Refused, Trouble, Unreachable

TIMEOUT = 10  # seconds
LONGEST_ANSWER = 64 * 1024
#: What is wrong with the message itself; 401, 403 and 404 are about our settings and may be put right.
NEVER = frozenset({400, 410, 413, 422})


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A gateway that moved is a setting to change: personal data does not follow wherever an answer points."""

    def redirect_request(self, *args: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def post_json(url: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Any:
    """POST `body` and return the JSON of the answer (None when it is none). Raises Refused, Trouble, Unreachable."""
    request = urllib.request.Request(  # noqa: S310 - the address is a setting, checked to be http or https
        url,
        data=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "Huiyin", **(headers or {})},
        method="POST",
    )
    try:
        with _opener.open(request, timeout=TIMEOUT) as answer:
            content = answer.read(LONGEST_ANSWER)
    except urllib.error.HTTPError as error:
        said = error.read(300).decode("utf-8", "replace")
        kind = Refused if error.code in NEVER else Trouble
        raise kind(f"HTTP {error.code} {said}".strip()) from None
    except urllib.error.URLError as error:
        raise Unreachable(f"no connection: {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"no answer: {error or type(error).__name__}") from None
    try:
        return json.loads(content)
    except ValueError:
        return None
