"""Categories and default teams."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common import toasts
from tickets import actions
from tickets.directory import directory
from tickets.forms.staff import CategoryForm, RouteForm
from tickets.models import Category, Route
from tickets.views.desk import desk


@desk("manage_categories")
def categories(request: HttpRequest) -> HttpResponse:
    """The tree, and a form for a new category."""
    return _category(request, Category())


@desk("manage_categories")
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one category."""
    return _category(request, get_object_or_404(Category, pk=pk))


def _category(request: HttpRequest, row: Category) -> HttpResponse:
    form = CategoryForm(request.POST or None, instance=row)
    request.on_refusal = lambda error: _refused(request, form, error, lambda: _show_categories(request, row, form))  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        actions.save_category(row, actor=request.user, **form.cleaned_data)
        toasts.say(request, _("Category “%(name)s” saved.") % {"name": row.name})
        return redirect("tickets:categories")
    return _show_categories(request, row, form, status=422 if request.method == "POST" else 200)


def _show_categories(request: HttpRequest, row: Category, form: CategoryForm, status: int = 200) -> HttpResponse:
    context = {"tree": directory().walk(), "form": form, "row": row, "may_routes": True}
    return render(request, "tickets/staff/categories.html", context, status=status)


def _refused(request: HttpRequest, form: Any, error: Any, show: Any) -> HttpResponse:
    for field, sentences in (error.errors or {"": [error.message]}).items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, str(sentence))
    return show()


@desk("manage_routes")
def routes(request: HttpRequest) -> HttpResponse:
    """Which team and lead take what, by shop and category; the most specific line wins."""
    form = RouteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.save_route(actor=request.user, **form.values())
        toasts.say(request, _("Route saved. It holds for cases from now on."))
        return HttpResponseRedirect(reverse("tickets:routes"))
    names = directory()
    lines = [
        {"row": row, "category": names.path(row.category_id) if row.category_id else ""}
        for row in Route.objects.select_related("merchant", "team", "lead", "team__lead").order_by(
            "merchant__name", "category__position", "id"
        )
    ]
    status = 422 if request.method == "POST" else 200
    return render(request, "tickets/staff/routes.html", {"form": form, "lines": lines}, status=status)


@desk("manage_routes")
@require_POST
def remove_route(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a line away; the next less specific one holds."""
    actions.remove_route(get_object_or_404(Route, pk=pk), actor=request.user)
    toasts.say(request, _("Route removed."))
    return HttpResponseRedirect(reverse("tickets:routes"))
