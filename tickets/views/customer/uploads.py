"""Files before their message: each is sent by itself, so that a broken line costs one photo and never the text."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError, Invalid
from tickets import actions, files, limits
from tickets.models import Attachment
from tickets.once import upload_key_of
from tickets.serving import preview_of


def by_script(request: HttpRequest) -> bool:
    """Whether our own script asks and wants an answer it can read, instead of a page."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep one file under the form's key. The same file again is the one that is there already."""
    request.on_refusal = _as_json  # type: ignore[attr-defined]
    key = upload_key_of(request.POST.get("key", ""))
    _check_address(request)
    sent = request.FILES.get("file")
    if sent is None:
        raise Invalid(_("No file arrived. Please choose it again."))
    attachment = _keep(request, key, sent)
    form_key = request.POST["key"]
    preview = reverse("tickets:upload_preview", args=[form_key, attachment.pk]) if attachment.preview else ""
    return JsonResponse({"id": attachment.pk, "name": attachment.name, "preview": preview}, status=201)


@require_POST
def upload_discard(request: HttpRequest) -> HttpResponse:
    """Throw away a file that was not sent yet."""
    request.on_refusal = _as_json  # type: ignore[attr-defined]
    key = upload_key_of(request.POST.get("key", ""))
    number = request.POST.get("id", "")
    if number.isascii() and number.isdigit() and len(number) < 18:
        actions.discard(key, int(number))
    return JsonResponse({})


@require_safe
def upload_preview(request: HttpRequest, key: str, pk: int) -> FileResponse:
    """The small picture of a file not sent yet, for whoever holds the form's key."""
    try:
        upload_key = upload_key_of(key)
    except Invalid as error:
        raise Http404 from error
    attachment = Attachment.objects.filter(upload_key=upload_key, pk=pk, ticket__isnull=True).first()
    if attachment is None or not attachment.preview:
        raise Http404
    return preview_of(attachment)


def keep_sent_files(request: HttpRequest, form_key: str) -> list[str]:
    """Keep the files that came with a form itself (without scripts); returns the sentences about those we can't take.

    The good ones are kept under the form's key, so that nobody chooses them twice because of a bad one.
    """
    sent = [file for file in request.FILES.getlist("files") if file.name]
    if not sent:
        return []
    _check_address(request)
    key, complaints = upload_key_of(form_key), []
    for file in sent:
        try:
            _keep(request, key, file)
        except Invalid as error:
            complaints.append(str(error.message))
    return list(dict.fromkeys(complaints))


def _keep(request: HttpRequest, key: str, sent: UploadedFile[Any]) -> Attachment:
    user = request.user if request.user.is_authenticated else None
    # One byte more than allowed is enough to know that it is too large.
    checked = files.check(sent.name or "", sent.read(files.LARGEST + 1))
    attachment = actions.keep_upload(key, checked, user=user)
    limits.count(limits.UPLOAD_BY_ADDRESS, limits.address_of(request))
    return attachment


def _check_address(request: HttpRequest) -> None:
    limits.refuse_beyond(
        limits.UPLOAD_BY_ADDRESS,
        limits.address_of(request),
        _("Very many files come from your network at the moment. Send your text now; files can be added later."),
    )


def _as_json(error: DomainError) -> HttpResponse:
    return JsonResponse({"message": str(error.message)}, status=error.status)
