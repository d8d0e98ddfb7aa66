"""How files leave: what somebody sent is a download, never a page of ours; only pictures that we drew are shown."""

from __future__ import annotations

from django.http import FileResponse, Http404

from tickets.models import Attachment

#: Even when somebody opens it by itself, a file runs nothing and loads nothing.
_POLICY = "sandbox; default-src 'none'"
_KEPT = "private, max-age=86400, immutable"


def original_of(attachment: Attachment) -> FileResponse:
    """The file itself, always as a download."""
    response = FileResponse(
        _open(attachment.file), as_attachment=True, filename=attachment.name, content_type=attachment.media_type
    )
    return _guarded(response)


def preview_of(attachment: Attachment) -> FileResponse:
    """The small JPEG that we drew of a picture, for `<img>`."""
    if not attachment.preview:
        raise Http404
    return _guarded(FileResponse(_open(attachment.preview), content_type="image/jpeg"))


def _open(field):  # type: ignore[no-untyped-def]  # FieldFile is generic in the stubs only
    try:
        return field.open("rb")
    except FileNotFoundError as error:
        # A restored database without its uploads: the page goes on, this file is missing.
        raise Http404 from error


def _guarded(response: FileResponse) -> FileResponse:
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = _KEPT
    return response
