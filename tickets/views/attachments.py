"""Files of a case for people who sign in; those with a link: views/customer/case.py."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Role
from common.errors import Missing
from tickets.models import Attachment, Ticket, Visibility
from tickets.serving import original_of, preview_of


@login_required
@require_safe
def attachment(request: HttpRequest, pk: int) -> FileResponse:
    """The file as a download."""
    return original_of(_visible(request, pk))


@login_required
@require_safe
def preview(request: HttpRequest, pk: int) -> FileResponse:
    """Its small picture."""
    return preview_of(_visible(request, pk))


def _visible(request: HttpRequest, pk: int) -> Attachment:
    """A file of a case this person may see; customers never see those of notes."""
    files = Attachment.objects.filter(ticket__in=Ticket.objects.visible_to(request.user))
    if request.user.role == Role.CUSTOMER:
        files = files.filter(message__visibility=Visibility.PUBLIC)
    found = files.filter(pk=pk).first()
    if found is None:
        raise Missing(_("There is nothing here."))
    return found
