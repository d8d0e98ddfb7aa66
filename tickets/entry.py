"""Entry links: a signed token that fills in what was bought, for the slip in a parcel or a shop's message.

The token says shop and order line and carries its date; nothing is stored. It shows what was bought and how many, never
a price, a name or an address: whoever finds the slip learns no more than the parcel tells.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core import signing

from accounts.models import Merchant
from orders.models import OrderLine

_SALT: Final = "tickets.entry"
#: How long a link fills anything in; afterwards the form opens without the article.
KEPT: Final = timedelta(days=400)
#: Longer than any token of ours: not worth checking.
LONGEST: Final = 200


def token_for(merchant: Merchant, line: OrderLine) -> str:
    """The token for one order line of this shop. Raises ValueError when the line is another shop's."""
    if line.order.merchant_id != merchant.pk:
        raise ValueError("this line was sold by another shop")
    return signing.dumps([merchant.pk, line.pk], salt=_SALT)


def line_behind(token: str, merchant: Merchant) -> OrderLine | None:
    """The order line a token of this shop stands for; None for a wrong, foreign or expired one alike."""
    if not token or len(token) > LONGEST:
        return None
    try:
        shop, line = signing.loads(token, salt=_SALT, max_age=KEPT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if shop != merchant.pk:
        return None
    return OrderLine.objects.filter(pk=line, order__merchant=merchant).select_related("order").first()
