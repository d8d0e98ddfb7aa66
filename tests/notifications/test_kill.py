"""kill -9 of a sender in the middle: nothing is lost, and what is sent twice carries the same id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from common import clock
from common.models import Outbox
from notifications import actions
from notifications.actions.sending import LEASE
from tests.factories import make_organisation
from tickets import actions as cases

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.django_db(transaction=True)
def test_a_killed_sender_loses_no_mail_and_every_repeat_has_the_same_message_id(smtp_sink, settings):
    make_organisation()
    at = clock.now()
    cases.open_many([cases.Filing(body=f"第 {i} 件", email=f"c{i}@example.com") for i in range(200)], at=at)
    parts = urlsplit(os.environ["DATABASE_URL"])
    address = parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    env = {**os.environ, "DATABASE_URL": address, "EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}"}
    code = "import django; django.setup(); from notifications import actions; actions.send_waiting()"
    sender = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env)
    begun = time.monotonic()
    while len(smtp_sink.letters) < 40 and time.monotonic() - begun < 60:
        time.sleep(0.005)
    os.kill(sender.pid, signal.SIGKILL)
    sender.wait()
    before = len(smtp_sink.letters)
    assert 40 <= before < 200

    later = clock.now() + LEASE
    sent = actions.send_waiting(at=later)
    assert sent.put_off == sent.failed == 0
    assert Outbox.objects.filter(state="sent").count() == 200
    ids = Counter(letter["Message-ID"] for letter in smtp_sink.letters)
    assert len(ids) == 200
    # At most the letter that was on its way when the sender died went out twice.
    assert sum(ids.values()) <= 201
    assert {letter["To"] for letter in smtp_sink.letters} == {f"c{i}@example.com" for i in range(200)}
