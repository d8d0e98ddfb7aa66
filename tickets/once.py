"""A form that is sent twice (a double click, a broken line, the back button) acts once.

Each page carries a key that we signed, so that nobody can make one up and land on somebody else's case. The same key
with the same content is the same submission; with another content it is a new one, because nothing typed may be lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import Invalid
from common.models import IdempotencyKey
from tickets.actions import new_upload_key

_signer = signing.Signer(salt="tickets.form")


def new_form_key() -> str:
    """A signed key for one showing of a form; its first part is the key under which files may be sent beforehand."""
    return _signer.sign(new_upload_key())


def upload_key_of(form_key: str) -> str:
    """The part of a form key that files are kept under. Raises Invalid for a key that we did not make."""
    try:
        return _signer.unsign(form_key[:200])
    except signing.BadSignature:
        raise Invalid(_("This page is out of date. Please reload it; your text stays.")) from None


def once(scope: str, form_key: str, content: Iterable[str], act: Callable[[], Any]) -> tuple[Any, bool]:
    """Do `act` (which returns something JSON can hold) and remember its answer; a repeat gets that answer.

    Returns the answer and whether it was done just now. Two that arrive together: the second waits for the first to
    commit. A refusal inside `act` undoes everything, the key as well, so that a corrected form can be sent.
    """
    digest = hashlib.sha256("\x1f".join(content).encode("utf-8", "replace")).hexdigest()
    key = f"{upload_key_of(form_key)}:{digest[:40]}"
    with transaction.atomic():
        row = IdempotencyKey.claim(scope=scope, key=key, fingerprint=digest)
        if row is None:
            return IdempotencyKey.objects.get(scope=scope, key=key).body, False
        row.body = act()
        row.save(update_fields=["body"])
    return row.body, True
