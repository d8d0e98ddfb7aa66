from typing import Any

from django import template
from django.utils.safestring import SafeString

from common import panels

register = template.Library()


@register.simple_tag(takes_context=True)
def place(context: template.Context, name: str, **kwargs: Any) -> SafeString:
    """Everything that apps offer for this place of the page."""
    return panels.render(name, context.get("request"), **kwargs)
