"""Addresses of customers' pages. A case has two doors with the same pages behind: its link, and one's own list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from tickets.views import attachments
from tickets.views.customer import case, entry, filing, finding, uploads


class PictureKind(StringConverter):
    regex = "svg|png"


register_converter(PictureKind, "picture_kind")

_CASE_PAGES: list[tuple[str, Callable[..., Any], str]] = [
    ("", case.case, "case"),
    ("fresh/", case.case_fresh, "case_fresh"),
    ("write/", case.case_write, "case_write"),
    ("confirm/", case.case_confirm, "case_confirm"),
    ("decline/", case.case_decline, "case_decline"),
    ("rate/", case.case_rate, "case_rate"),
    ("tell-more/", case.case_tell_more, "case_tell_more"),
    ("withdraw/", case.case_withdraw, "case_withdraw"),
    ("review/", case.case_review, "case_review"),
    ("files/<int:pk>/", case.case_file, "case_file"),
    ("previews/<int:pk>/", case.case_preview, "case_preview"),
]

urlpatterns: list[URLPattern] = [
    path("", filing.home, name="home"),
    path("file/", filing.file, name="file"),
    path("file/promise/", filing.file_promise, name="file_promise"),
    path("f/<slug:shop>/", filing.file, name="file_shop"),
    path("notice/", filing.notice, name="notice"),
    path("upload/", uploads.upload, name="upload"),
    path("upload/discard/", uploads.upload_discard, name="upload_discard"),
    path("upload/<str:key>/<int:pk>/", uploads.upload_preview, name="upload_preview"),
    path("find/", finding.find, name="find"),
    path("my/", finding.my_cases, name="my_cases"),
    *(path(f"c/<str:token>/{rest}", view, name=name) for rest, view, name in _CASE_PAGES),
    *(path(f"my/<str:number>/{rest}", view, name=f"my_{name}") for rest, view, name in _CASE_PAGES),
    path("files/<int:pk>/", attachments.attachment, name="attachment"),
    path("files/<int:pk>/preview/", attachments.preview, name="preview"),
    path("entry-links/", entry.entry_link, name="entry_link"),
    path("entry-links/<slug:shop>.<picture_kind:kind>", entry.entry_qr, name="entry_qr"),
]
