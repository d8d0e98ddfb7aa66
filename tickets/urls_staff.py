"""Addresses of staff pages about cases. A verb's address ends in its name, as in the API."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from tickets.views import filing, queue, settings, ticket, verbs


class Verb(StringConverter):
    regex = "|".join(verbs.STEPS)


class BulkVerb(StringConverter):
    regex = "|".join(queue.BULK)


class DraftKind(StringConverter):
    regex = "reply|note"


register_converter(Verb, "verb")
register_converter(BulkVerb, "bulk_verb")
register_converter(DraftKind, "draft_kind")

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/filter/", queue.queue_filter, name="queue_filter"),
    path("queue/tickets.csv", queue.queue_csv, name="queue_csv"),
    path("queue/take-next/", queue.take_next, name="take_next"),
    path("queue/<bulk_verb:verb>/", queue.many, name="many"),
    path("t/new/", filing.new, name="new"),
    path("t/<str:number>/", ticket.ticket, name="ticket"),
    path("t/<str:number>/fresh/", ticket.ticket_fresh, name="ticket_fresh"),
    path("t/<str:number>/filed/", filing.filed, name="filed"),
    path("t/<str:number>/timeline/", ticket.ticket_timeline, name="ticket_timeline"),
    path("t/<str:number>/draft/<draft_kind:kind>/", ticket.ticket_draft, name="ticket_draft"),
    path("t/<str:number>/links/", ticket.ticket_links, name="ticket_links"),
    path("t/<str:number>/make-link/", verbs.make_link, name="make_link"),
    path("t/<str:number>/links/<int:pk>/revoke/", verbs.revoke_link, name="revoke_link"),
    path("t/<str:number>/<verb:name>/", verbs.verb, name="verb"),
    path("settings/categories/", settings.categories, name="categories"),
    path("settings/categories/<int:pk>/", settings.category, name="category"),
    path("settings/routes/", settings.routes, name="routes"),
    path("settings/routes/<int:pk>/remove/", settings.remove_route, name="remove_route"),
]
