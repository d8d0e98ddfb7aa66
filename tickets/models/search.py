from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class TicketText(models.Model):
    """Every word said on a case as one searchable vector of Chinese character pairs and Latin words.

    One row per ticket, so that a common word can be walked newest first; see tickets/search.py.
    """

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, primary_key=True, related_name="text")
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.CASCADE, null=True, related_name="+")
    words = SearchVectorField()

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="ticket_text_words"),
            models.Index(fields=["merchant", "-ticket"], name="ticket_text_merchant"),
        ]

    def __str__(self) -> str:
        return str(self.ticket_id)
