"""The demo: what somebody sees who starts the product for the first time."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Merchant, User
from orders.models import Order, Product
from tickets.models import Message, Ticket


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.django_db
def test_the_demo_is_a_company_with_a_year_behind_it() -> None:
    out = StringIO()
    call_command("load_demo", stdout=out, stderr=StringIO())
    now = timezone.now()
    assert (Merchant.objects.count(), Order.objects.count(), Ticket.objects.count()) == (3, 300, 400)
    assert Product.objects.count() == 40
    assert (now - Ticket.objects.earliest("opened_at").opened_at).days > 300
    assert not Message.objects.filter(at__gt=timezone.now()).exists()
    assert not Message.objects.filter(body__contains="{").exists()
    assert User.objects.get(email="merchant@demo.test").scope == {Merchant.objects.get(slug="hexiaochu").pk}
    assert "huiyin-demo" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("load_demo", stdout=out, stderr=StringIO())
