"""For shops: make an entry link to the form and its QR picture, to be printed on a slip or sent in a message."""

from __future__ import annotations

import io
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Merchant, User
from common.errors import require
from orders.models import OrderLine
from tickets import entry
from tickets.forms.customer import EntryLinkForm
from tickets.permissions import may

#: Pixels of one module in the printable PNG: 8 makes a link of this length about 4 cm at 300 dpi.
_SCALE = 8


@login_required
@require_safe
def entry_link(request: HttpRequest) -> HttpResponse:
    """Links of a shop: one to its form, and one for each article of an order."""
    require(may(request.user, "make_entry_link"), _("Your role does not include this page."))
    shops = _shops(request.user)
    asked = "shop" in request.GET
    first = {"shop": shops[0].slug} if shops else {}
    form = EntryLinkForm(request.GET if asked else None, shops=shops, initial=first)
    links: list[dict[str, Any]] = []
    if asked and form.is_valid():
        shop, number = form.cleaned_data["shop"], form.cleaned_data["order_number"]
        if number:
            lines = OrderLine.objects.find(shop, number)
            links = [_link(shop, line) for line in lines]
            if not links:
                form.add_error("order_number", _("This shop has no order with this number."))
        else:
            links = [_link(shop, None)]
    context = {"form": form, "links": links, "has_shops": bool(shops), "days": entry.KEPT.days}
    return render(request, "tickets/customer/entry_link.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def entry_qr(request: HttpRequest, shop: str, kind: str) -> HttpResponse:
    """The QR picture of an entry link: SVG for the page, PNG for printing."""
    require(may(request.user, "make_entry_link"), _("Your role does not include this page."))
    merchant = get_object_or_404(Merchant, slug=shop, pk__in=[own.pk for own in _shops(request.user)])
    token = request.GET.get("o", "")
    if token and entry.line_behind(token, merchant) is None:
        raise Http404
    code = segno.make(_address(merchant, token), error="m")
    out = io.BytesIO()
    if kind == "png":
        code.save(out, kind="png", scale=_SCALE, border=4)
        response = HttpResponse(out.getvalue(), content_type="image/png")
        response["Content-Disposition"] = f'attachment; filename="{merchant.slug}.png"'
        return response
    code.save(out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, svgclass=None, lineclass=None)
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


def _shops(user: User) -> list[Merchant]:
    active = Merchant.objects.filter(is_active=True)
    return list(active.filter(pk__in=user.scope) if user.scope else active)


def _address(shop: Merchant, token: str) -> str:
    path = reverse("tickets:file_shop", args=[shop.slug])
    return f"{settings.BASE_URL}{path}" + (f"?{urlencode({'o': token})}" if token else "")


def _link(shop: Merchant, line: OrderLine | None) -> dict[str, Any]:
    token = entry.token_for(shop, line) if line is not None else ""
    query = f"?{urlencode({'o': token})}" if token else ""
    return {
        "name": line.label if line is not None else shop.name,
        "address": _address(shop, token),
        "svg": reverse("tickets:entry_qr", args=[shop.slug, "svg"]) + query,
        "png": reverse("tickets:entry_qr", args=[shop.slug, "png"]) + query,
    }
