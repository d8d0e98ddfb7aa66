"""The verbs of a case: the only writers. One module per kind of step, one function per verb."""

from tickets.actions.assigning import assign, escalate, take, take_next
from tickets.actions.customer import confirm, decline, rate, request_review, tell_more, withdraw, write
from tickets.actions.files import MOST_FILES, add_files, attach, discard, discard_uploads, keep_upload, new_upload_key
from tickets.actions.filing import Filing, open_many, open_ticket
from tickets.actions.forgetting import forget_old
from tickets.actions.links import make_link, resend_link, revoke_link
from tickets.actions.outcome import available, close, close_silent, reopen, resolve, spam, unspam
from tickets.actions.settings import remove_route, save_category, save_route
from tickets.actions.sorting import categorise, describe, prioritise
from tickets.actions.talking import note, reply, tell, tell_many
from tickets.actions.waiting import hold, resume, resume_expired, wait

__all__ = [
    "MOST_FILES",
    "Filing",
    "add_files",
    "assign",
    "attach",
    "available",
    "categorise",
    "close",
    "close_silent",
    "confirm",
    "decline",
    "describe",
    "discard",
    "discard_uploads",
    "escalate",
    "forget_old",
    "hold",
    "keep_upload",
    "make_link",
    "new_upload_key",
    "note",
    "open_many",
    "open_ticket",
    "prioritise",
    "rate",
    "remove_route",
    "reopen",
    "reply",
    "request_review",
    "resend_link",
    "resolve",
    "resume",
    "resume_expired",
    "revoke_link",
    "save_category",
    "save_route",
    "spam",
    "take",
    "take_next",
    "tell",
    "tell_many",
    "tell_more",
    "unspam",
    "wait",
    "withdraw",
    "write",
]
