"""Reading what is sent to the API."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """JSON as everywhere; a hundred thousand brackets inside each other are a bad request, not a fault of ours."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as deep:
            raise ParseError(_("The request can't be understood.")) from deep
