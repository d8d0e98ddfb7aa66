"""Placeholder until the look helper lands its own."""

from django.http import HttpRequest, HttpResponse


def sheet(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")
