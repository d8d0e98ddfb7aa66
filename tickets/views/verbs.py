"""What is done to a case: fetch, act, render. One door for every verb; what differs stands in a table.

To htmx an answer is the parts of the page that changed; without scripts it is the page again, or a page with the form.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from common import toasts
from common.errors import Conflict, DomainError
from tickets import actions, counts, timeline
from tickets.actions.drafts import drop_draft
from tickets.files import check
from tickets.forms import staff as forms
from tickets.models import CaseLink, Ticket
from tickets.views.desk import desk, visible_case
from tickets.views.ticket import case_context, ticket_rows


@dataclass(frozen=True)
class Step:
    """A verb as the page offers it. `draft` names the text that is done with once it went through."""

    action: Callable[..., Any]
    form: type[forms.VerbForm]
    title: Any
    button: Any
    done: Any
    draft: str = ""
    text: str = ""
    icon: str = "check"


STEPS: dict[str, Step] = {
    "reply": Step(actions.reply, forms.MessageForm, gettext_lazy("Answer the customer"), gettext_lazy("Send"),
                  gettext_lazy("Sent to the customer."), "reply", "body", "send"),
    "note": Step(actions.note, forms.MessageForm, gettext_lazy("Internal note"), gettext_lazy("Keep the note"),
                 gettext_lazy("Note kept."), "note", "body", "lock"),
    "resolve": Step(actions.resolve, forms.ResolveForm, gettext_lazy("Give a result"), gettext_lazy("Send the result"),
                    gettext_lazy("The result is with the customer."), "", "proposal"),
    "take": Step(actions.take, forms.PlainForm, gettext_lazy("Take it"), gettext_lazy("Take it"),
                 gettext_lazy("It is yours."), icon="bolt"),
    "assign": Step(actions.assign, forms.AssignForm, gettext_lazy("Assign"), gettext_lazy("Assign"),
                   gettext_lazy("Assigned."), icon="user-plus"),
    "escalate": Step(actions.escalate, forms.EscalateForm, gettext_lazy("Hand it to the lead"),
                     gettext_lazy("Hand it over"), gettext_lazy("The lead has it now."), "", "reason", "speakerphone"),
    "prioritise": Step(actions.prioritise, forms.PrioritiseForm, gettext_lazy("Change the priority"),
                       gettext_lazy("Save"), gettext_lazy("Priority changed."), icon="flag"),
    "categorise": Step(actions.categorise, forms.CategoriseForm, gettext_lazy("Change the category"),
                       gettext_lazy("Save"), gettext_lazy("Category changed."), icon="tag"),
    "describe": Step(actions.describe, forms.DescribeForm, gettext_lazy("Facts of the case"), gettext_lazy("Save"),
                     gettext_lazy("Saved."), icon="pencil"),
    "wait": Step(actions.wait, forms.WaitForm, gettext_lazy("Wait for the customer"), gettext_lazy("Wait"),
                 gettext_lazy("Waiting for the customer; the clock for the result stands still."),
                 icon="user-question"),
    "hold": Step(actions.hold, forms.HoldForm, gettext_lazy("Put it on hold"), gettext_lazy("Put it on hold"),
                 gettext_lazy("On hold; the clock for the result stands still."), icon="player-pause"),
    "resume": Step(actions.resume, forms.PlainForm, gettext_lazy("Go on"), gettext_lazy("Go on"),
                   gettext_lazy("It goes on, and the clock runs."), icon="player-play"),
    "close": Step(actions.close, forms.PlainForm, gettext_lazy("Close it"), gettext_lazy("Close it"),
                  gettext_lazy("Closed."), icon="check"),
    "reopen": Step(actions.reopen, forms.PlainForm, gettext_lazy("Open it again"), gettext_lazy("Open it again"),
                   gettext_lazy("Open again."), icon="refresh"),
    "spam": Step(actions.spam, forms.PlainForm, gettext_lazy("Mark as spam"), gettext_lazy("Mark as spam"),
                 gettext_lazy("Marked as spam."), icon="ban"),
    "unspam": Step(actions.unspam, forms.PlainForm, gettext_lazy("Not spam"), gettext_lazy("Not spam"),
                   gettext_lazy("Not spam after all; it is open again."), icon="arrow-back-up"),
}  # fmt: skip


@desk("see_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def verb(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """One step on one case. GET shows its form."""
    step = STEPS[name]
    ticket = visible_case(request, number)
    form = _form(step, request, ticket)
    if request.method != "POST":
        return _show_form(request, name, ticket, form)
    request.on_refusal = lambda error: _refused(request, name, ticket, form, error)  # type: ignore[attr-defined]
    if not form.is_valid():
        return _show_form(request, name, ticket, form, status=422)
    values = form.values()
    if "uploads" in values:
        values["uploads"] = _uploads(request, form)
    step.action(ticket, actor=request.user, **values)
    if step.draft:
        drop_draft(ticket, step.draft, actor=request.user)
    counts.forget(request.user)
    return _done(request, name, ticket)


def _form(step: Step, request: HttpRequest, ticket: Ticket) -> forms.VerbForm:
    options: dict[str, Any] = {"user": request.user, "auto_id": f"id_{step.draft or 'step'}_%s"}
    if issubclass(step.form, forms.AssignForm):
        options["ticket"] = ticket
    if request.method == "POST":
        return step.form(request.POST, request.FILES, **options)
    initial = {field: getattr(ticket, field, None) for field in step.form.base_fields}
    initial |= {"assignee": ticket.assignee_id, "team": ticket.team_id, "category": ticket.category_id}
    initial["version"] = request.GET.get("version") or ticket.version
    return step.form(initial=initial, **options)


def _uploads(request: HttpRequest, form: forms.VerbForm) -> str:
    """Keep the files of the form under a key, so that a refusal loses none of them."""
    files = form.cleaned_data.get("files") or []
    key: str = form.cleaned_data["uploads"]
    if files:
        key = actions.add_files(key, [check(file.name, file.read()) for file in files], user=request.user)
        _retype(form, "uploads", key)
        form.kept_files = [file.name for file in files]  # type: ignore[attr-defined]
    return key


def _retype(form: forms.VerbForm, field: str, value: str) -> None:
    """Change one field of what was sent, for the form that is shown again."""
    data = cast(QueryDict, form.data).copy()
    data[field] = value
    form.data = data


def _refused(request: HttpRequest, name: str, ticket: Ticket, form: forms.VerbForm, error: DomainError) -> HttpResponse:
    """The form again with everything typed: with the field's own sentence, or with what changed meanwhile."""
    fresh = Ticket.objects.get(pk=ticket.pk)
    changed = [timeline.in_words(event) for event in error.details.get("events", [])]
    if error.errors and form.is_bound:
        for field, sentences in error.errors.items():
            place = field if field in form.fields else ("files" if field == "file" and "files" in form.fields else None)
            for sentence in sentences:
                form.add_error(place, sentence)
    elif not changed:
        form.add_error(None, str(error.message))
    if changed and isinstance(error, Conflict):
        # Whoever has read what is new may send the same again.
        _retype(form, "version", str(fresh.version))
    return _show_form(request, name, fresh, form, changed=changed, status=error.status)


def _show_form(
    request: HttpRequest,
    name: str,
    ticket: Ticket,
    form: forms.VerbForm,
    *,
    changed: list[timeline.Step] | None = None,
    status: int = 200,
) -> HttpResponse:
    step = STEPS[name]
    context = {
        "at": timezone.now(),
        "ticket": ticket,
        "name": name,
        "step": step,
        "form": form,
        "changed": changed or [],
        "is_message": bool(step.draft),
        "query": request.GET.urlencode(),
    }
    if not getattr(request, "htmx", False):
        return render(request, "tickets/staff/verb.html", context, status=status)
    if step.draft:
        found = visible_case(request, ticket.number, ticket_rows(request.user))
        context = {**case_context(request, found), **context, "ticket": found}
        return render(request, "tickets/staff/_composer.html", {**context, "tab": name}, status=status)
    return render(request, "tickets/staff/_verb.html", context, status=status)


def _done(request: HttpRequest, name: str, ticket: Ticket) -> HttpResponse:
    step = STEPS[name]
    undo = reverse("tickets:verb", args=[ticket.number, "unspam"]) if name == "spam" else ""
    if not getattr(request, "htmx", False):
        if undo:
            toasts.undoable(request, step.done, undo_url=undo)
        else:
            toasts.say(request, step.done)
        tail = request.GET.urlencode()
        return HttpResponseRedirect(reverse("tickets:ticket", args=[ticket.number]) + (f"?{tail}" if tail else ""))
    found = visible_case(request, ticket.number, ticket_rows(request.user))
    context = {**case_context(request, found), "oob": True, "with_composer": bool(step.draft), "tab": step.draft}
    # What was open elsewhere on the page may go on with the new version: nobody else did anything in between.
    context["raise_version"] = not step.draft
    response = render(request, "tickets/staff/_parts.html", context)
    response["HX-Reswap"] = "none"
    response["HX-Trigger"] = json.dumps({"step": {"name": name}})
    return toasts.announce(response, step.done, undo_url=undo)


@desk("make_link")
@require_POST
def make_link(request: HttpRequest, number: str) -> HttpResponse:
    """A new link, which is sent to the contact of the case."""
    ticket = visible_case(request, number)
    actions.make_link(ticket, actor=request.user)
    has_contact = bool(ticket.customer and ticket.customer.contact)
    toasts.say(
        request,
        _("A new link is on its way to the customer.") if has_contact else _("There is a new link; copy it below."),
    )
    return HttpResponseRedirect(reverse("tickets:ticket_links", args=[ticket.number]))


@desk("revoke_link")
@require_POST
def revoke_link(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Make one link useless."""
    ticket = visible_case(request, number)
    link = get_object_or_404(CaseLink.objects.select_related("ticket"), pk=pk, ticket=ticket)
    actions.revoke_link(link, actor=request.user)
    toasts.say(request, _("This link no longer opens the case."))
    return HttpResponseRedirect(reverse("tickets:ticket_links", args=[ticket.number]))
