from __future__ import annotations

import sys
import time
from datetime import timedelta
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from accounts.models import Organisation
from demo import company, history, people, purchases, today
from demo.deadlines import Deadlines
from notifications.silence import history as silently


class Command(BaseCommand):
    help = "Fill an empty product with an invented company: 3 shops, 40 products, 300 orders, 400 cases of a year."
    CASES = 400

    def handle(self, *_args: Any, **_options: Any) -> None:
        if Organisation.objects.exists():
            raise CommandError("This product is in use already; the demo only goes into an empty one.")
        self.began, now = time.monotonic(), timezone.now()
        # The same company for everybody: only its dates follow the calendar.
        random = Random(2026)
        # All of it or nothing: a start that was interrupted finds an empty product again.
        with transaction.atomic(), translation.override("zh-hans"), silently(before=now):
            self.tell("people, teams and shops")
            firm = company.found()
            self.tell("300 orders")
            sold = purchases.sell(random, now)
            deadlines = Deadlines()
            stage = history.Stage(now, history.working_hours(), deadlines)
            play = history.Play(firm, stage, random)
            recent = today.plan(play, sold, now)
            for opened_at in history.moments(random, now - timedelta(hours=5), self.CASES - recent):
                bought = [p for p in sold if timedelta(0) < opened_at - p.signed_at < timedelta(days=40)]
                play.live(play.case(random.choice(bought or sold)), opened_at)
            self.tell(f"{self.CASES} cases, step by step")
            stage.play(lambda done: self.tell(f"{done} steps played"))
            deadlines(now - history.ALIVE)
        self.tell("done")
        accounts = ", ".join(people.SHOWN)
        self.stdout.write(f"Demo accounts (password {people.PASSWORD}): {accounts}")

    def tell(self, what: str) -> None:
        self.stderr.write(f"demo {time.monotonic() - self.began:5.1f} s  {what}")
        sys.stderr.flush()
