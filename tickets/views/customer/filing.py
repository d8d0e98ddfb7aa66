"""The first page and the complaint form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.contacts import Email, Phone, display_phone
from accounts.models import Merchant, PrivacyNotice, Role
from common import clock, panels
from common.errors import DomainError
from orders.models import OrderLine
from tickets import actions, entry, limits
from tickets.forms.customer import FileForm
from tickets.models import Attachment, Ticket
from tickets.once import new_form_key, once, upload_key_of
from tickets.views.customer.doors import hotline_of, newest_path, speaker
from tickets.views.customer.uploads import by_script, keep_sent_files
from tickets.views.customer.words import script_texts

#: A shop's list longer than this is searched by the shop's own link, not picked from a form.
MOST_SHOPS = 200


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What we promise, and the two ways in. Staff go on to their queue."""
    if request.user.is_authenticated and request.user.is_staff:
        return redirect("tickets:queue")
    return render(request, "tickets/customer/home.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, shop: str = "") -> HttpResponse:
    """The form; with a shop's address and a signed token it knows shop and article already."""
    page = _Page(request, shop)
    if request.method != "POST":
        return page.show(page.form(initial=page.known_contact()))
    form = page.form(request.POST)
    request.on_refusal = lambda error: page.refuse(form, error)  # type: ignore[attr-defined]
    form_key = request.POST.get("key", "")
    page.key = form_key if upload_key_of(form_key) else ""
    complaints = keep_sent_files(request, page.key)
    if not form.is_valid() or complaints:
        page.file_errors = complaints
        return page.show(form, status=422)
    path = page.open(form)
    if by_script(request):
        return JsonResponse({"location": path}, status=201)
    return HttpResponseRedirect(path)


@require_safe
def file_promise(request: HttpRequest) -> HttpResponse:
    """By when an answer comes from this shop: asked again when another shop is chosen."""
    shop = Merchant.objects.filter(slug=request.GET.get("shop", "").replace("\x00", ""), is_active=True).first()
    return HttpResponse(panels.render("file.promise", request, merchant=shop))


@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """What we tell people about their data has one page; this short address of it stands in messages and on slips."""
    return redirect("accounts:privacy")


class _Page:
    """One showing of the form: the shop, the article from the link, the key under which its files are kept."""

    def __init__(self, request: HttpRequest, slug: str) -> None:
        self.request = request
        self.shops = list(Merchant.objects.filter(is_active=True)[: MOST_SHOPS + 1]) if not slug else []
        self.shop = get_object_or_404(Merchant, slug=slug, is_active=True) if slug else None
        token = request.GET.get("o", "")
        self.line = entry.line_behind(token, self.shop) if self.shop else None
        self.is_stale = bool(token) and self.line is None
        if self.shop is None and len(self.shops) == 1:
            self.shop = self.shops[0]
        self.key = ""
        self.file_errors: list[str] = []

    def form(self, data: Any = None, initial: dict[str, Any] | None = None) -> FileForm:
        shops = self.shops if len(self.shops) <= MOST_SHOPS and not self.shop else []
        return FileForm(data, shops=shops, has_entry=self.line is not None, initial=initial)

    def known_contact(self) -> dict[str, str]:
        user = self.request.user
        if not user.is_authenticated or user.role != Role.CUSTOMER:
            return {}
        return {"contact": display_phone(user.phone) if user.phone else user.email or ""}

    def show(self, form: FileForm, status: int = 200) -> HttpResponse:
        if by_script(self.request) and self.request.method == "POST":
            errors = {name: [str(text) for text in texts] for name, texts in form.errors.items() if name != "__all__"}
            if self.file_errors:
                errors["files"] = self.file_errors
            message = " ".join(str(text) for text in form.non_field_errors())
            return JsonResponse({"message": message, "errors": errors}, status=status)
        if not self.key:
            self.key = new_form_key()
        kept = Attachment.objects.filter(upload_key=upload_key_of(self.key)) if self.request.method == "POST" else []
        context = {
            "form": form,
            "shop": self.shop,
            "line": self.line,
            "is_stale": self.is_stale,
            "form_key": self.key,
            "kept": [_kept(self.key, row) for row in kept],
            "file_errors": self.file_errors,
            "most_files": actions.MOST_FILES,
            "notice_version": self.notice_version(),
            "hotline": hotline_of(self.shop),
            "script_texts": script_texts(),
            **speaker(self.shop),
        }
        return render(self.request, "tickets/customer/file.html", context, status=status)

    def refuse(self, form: FileForm, error: DomainError) -> HttpResponse:
        """Everything typed stands in the form again, the sentence beside it."""
        form.is_valid()
        form.take(error)
        return self.show(form, status=error.status)

    def notice_version(self) -> int:
        """The version that was on the page when they pressed send."""
        typed = self.request.POST.get("notice", "")
        is_number = typed.isascii() and typed.isdigit() and len(typed) < 9
        if is_number and PrivacyNotice.objects.filter(version=int(typed)).exists():
            return int(typed)
        return PrivacyNotice.current().version

    def open(self, form: FileForm) -> str:
        """Open the case once for this key and content; returns where the person goes on."""
        data = form.cleaned_data
        contact: Phone | Email = data["contact"]
        shop = self.shop or data.get("shop")
        order_number = data.get("order_number", "")
        user = self.request.user
        requester = user if user.is_authenticated and user.role == Role.CUSTOMER else None

        def act() -> int:
            self.check_limits(contact, shop)
            ticket = actions.open_ticket(
                actions.Filing(
                    body=data["body"],
                    phone=contact.value if isinstance(contact, Phone) else "",
                    email=contact.value if isinstance(contact, Email) else "",
                    merchant=shop,
                    order_line=self.line or _line_of(shop, order_number),
                    order_number=order_number,
                    uploads=upload_key_of(self.key),
                    requester=requester,
                    notice_version=self.notice_version(),
                    tags=["honeypot"] if data["website"] else [],
                )
            )
            return ticket.pk

        content = [data["body"], contact.value, shop.slug if shop else "", order_number]
        pk, is_new = once("file", self.key, content, act)
        if is_new:
            limits.count(limits.FILE_BY_CONTACT, contact.value)
            limits.count(limits.FILE_BY_ADDRESS, limits.address_of(self.request))
        ticket = Ticket.objects.get(pk=pk)
        if requester is not None and ticket.requester_id == requester.pk:
            return reverse("tickets:my_case", args=[ticket.number])
        return newest_path(ticket, clock.now())

    def check_limits(self, contact: Phone | Email, shop: Merchant | None) -> None:
        hotline = hotline_of(shop)
        if hotline:
            sentence = _(
                "There have been several complaints with this contact in the last hour. Add to one of them "
                "by the link we sent, or call us: %(hotline)s. What you typed is still here."
            ) % {"hotline": hotline}
        else:
            sentence = _(
                "There have been several complaints with this contact in the last hour. Add to one of them "
                "by the link we sent, or try again in an hour. What you typed is still here."
            )
        limits.refuse_beyond(limits.FILE_BY_CONTACT, contact.value, sentence)
        limits.refuse_beyond(
            limits.FILE_BY_ADDRESS,
            limits.address_of(self.request),
            _(
                "Very many complaints come from your network at the moment. "
                "Please try again in 10 minutes; what you typed is still here."
            ),
        )


def _line_of(shop: Merchant | None, order_number: str) -> OrderLine | None:
    """The article of an order with a single one; of several nobody knows which is meant."""
    lines = list(OrderLine.objects.find(shop, order_number)[:2])
    return lines[0] if len(lines) == 1 else None


def _kept(form_key: str, row: Attachment) -> dict[str, Any]:
    """A file that arrived before its text, as the form shows it."""
    url = reverse("tickets:upload_preview", args=[form_key, row.pk]) if row.preview else ""
    return {"id": row.pk, "name": row.name, "url": url}
