"""Files of a case. A photo is sent while its text is still being typed, under a key that the form carries."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.models import User
from common import clock
from common.errors import Invalid
from tickets.files import Checked
from tickets.models import Attachment, Message

#: Files of one message.
MOST_FILES = 9
#: Files whose text was never sent are thrown away after this.
UNSENT_KEPT = timedelta(days=2)


def new_upload_key() -> str:
    """A key under which files can be sent before their message; 190 bits, so nobody adds to somebody else's."""
    return get_random_string(32)


@transaction.atomic
def keep_upload(key: str, checked: Checked, *, user: User | None = None, at: datetime | None = None) -> Attachment:
    """Keep a checked file under `key`; the same file again (a broken line, a second try) is the one there already."""
    if not 20 <= len(key) <= 64 or not key.isalnum():
        raise Invalid(_("This page is out of date. Please reload it; your text stays."))
    waiting = Attachment.objects.filter(upload_key=key)
    if same := waiting.filter(sha256=checked.sha256).first():
        return same
    if waiting.count() >= MOST_FILES:
        message = _("At most %(most)s files can be sent with one message.") % {"most": MOST_FILES}
        raise Invalid(message, errors={"file": [message]})
    attachment = Attachment(
        upload_key=key,
        name=checked.name,
        media_type=checked.media_type,
        size=len(checked.content),
        sha256=checked.sha256,
        width=checked.width,
        height=checked.height,
        uploaded_by=user,
        created_at=at or clock.now(),
    )
    # Random names: nothing of what a stranger typed reaches the file system.
    attachment.file.save(get_random_string(24), ContentFile(checked.content), save=False)
    if checked.preview:
        attachment.preview.save(get_random_string(24) + ".jpg", ContentFile(checked.preview), save=False)
    try:
        with transaction.atomic():
            attachment.save()
    except IntegrityError:
        # A second try overtook the first on a broken line: one row, and no file left behind without one.
        attachment.file.delete(save=False)
        attachment.preview.delete(save=False)
        return waiting.get(sha256=checked.sha256)
    return attachment


def attach(message: Message, key: str, user: User | None) -> int:
    """Give the files sent under `key` to a message; returns how many. A key is used up by this."""
    files = Attachment.objects.filter(upload_key=key, ticket__isnull=True)
    return files.update(ticket=message.ticket, message=message, upload_key="")


def add_files(key: str, files: list[Checked], *, user: User | None = None, at: datetime | None = None) -> str:
    """Keep several files under one key (a form without JavaScript sends them with its text); returns the key."""
    key = key or new_upload_key()
    for checked in files:
        keep_upload(key, checked, user=user, at=at)
    return key


def discard(key: str, attachment_id: int) -> None:
    """Throw away a file that was not sent yet."""
    for attachment in Attachment.objects.filter(upload_key=key, pk=attachment_id, ticket__isnull=True):
        throw_away(attachment)


def discard_uploads(*, at: datetime | None = None) -> int:
    """Throw away files whose text never came."""
    old = Attachment.objects.filter(ticket__isnull=True, created_at__lt=(at or clock.now()) - UNSENT_KEPT)
    gone = 0
    for attachment in old[:500]:
        throw_away(attachment)
        gone += 1
    return gone


def throw_away(attachment: Attachment) -> None:
    """Delete a file with its preview and its row."""
    attachment.file.delete(save=False)
    if attachment.preview:
        attachment.preview.delete(save=False)
    attachment.delete()
