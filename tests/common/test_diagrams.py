"""The pictures in the documents are printed from the tables in the code."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from common.diagrams import mermaid
from tickets.models import TRANSITIONS


def test_the_document_shows_the_states_as_the_code_has_them() -> None:
    document = (Path(settings.ROOT) / "docs" / "domain.md").read_text()
    assert mermaid(TRANSITIONS) in document
