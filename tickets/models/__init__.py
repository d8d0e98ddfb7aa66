from tickets.models.attachments import Attachment
from tickets.models.events import TicketEvent
from tickets.models.links import CaseLink
from tickets.models.messages import AuthorKind, Message, Visibility
from tickets.models.routing import Category, Route
from tickets.models.search import TicketText
from tickets.models.ticket import FAR_FUTURE, OPEN_STATES, TRANSITIONS, CloseReason, Kind, Priority, Status, Ticket

__all__ = [
    "FAR_FUTURE",
    "OPEN_STATES",
    "TRANSITIONS",
    "Attachment",
    "AuthorKind",
    "CaseLink",
    "Category",
    "CloseReason",
    "Kind",
    "Message",
    "Priority",
    "Route",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketText",
    "Visibility",
]
