"""What the journeys share: a small phone, a bad line, a photo, and time that passes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.db.models import F
from django.utils import timezone
from PIL import Image
from playwright.sync_api import BrowserContext, Page

from notifications.actions import send_waiting
from sla.actions.sweep import sweep
from sla.actions.workflow import run_steps
from sla.models import Clock, ClockState
from tickets.models import Ticket

BODY = "水壶用了两次，壶底就开始漏水，想退。"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "zh-CN"}
DESK = {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


def photo(path: Path, *, size: tuple[int, int] = (3200, 2400), shade: int = 0) -> Path:
    """A photo-like picture with a position in its EXIF: large on disk, small once shrunk."""
    slope = Image.linear_gradient("L").resize(size)
    noise = Image.effect_noise(size, 12)
    picture = Image.merge(
        "RGB", (slope, Image.blend(slope, noise, 0.25), slope.point(lambda value: (value + shade) % 256))
    )
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(path, "JPEG", quality=92, exif=exif)
    return path


class Line:
    """The mobile network between this page and us: slow, gone, back. One session, so that the two don't fight."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.wire = context.new_cdp_session(page)
        self.wire.send("Network.enable")

    def is_now(self, *, kilobits: int = 0, gone: bool = False) -> None:
        """0 kilobits a second is as fast as it gets."""
        rate = kilobits * 1000 / 8 if kilobits else -1
        conditions = {"offline": gone, "latency": 400 if kilobits else 0}
        self.wire.send(
            "Network.emulateNetworkConditions", {**conditions, "downloadThroughput": rate, "uploadThroughput": rate}
        )


def miss(ticket: Ticket, metric: str) -> Clock:
    """Let so much time pass for one clock that it is a minute late, then do what the timetable does every 2 seconds."""
    clock = ticket.clocks.get(metric=metric, state=ClockState.RUNNING)
    passed = clock.due_at - timezone.now() + timedelta(minutes=1)
    moments = ("started_at", "counted_from", "promised_at", "due_at", "warn_at")
    Clock.objects.filter(pk=clock.pk).update(next_warn_at=None, **{name: F(name) - passed for name in moments})
    sweep()
    run_steps()
    return Clock.objects.get(pk=clock.pk)


def send_everything() -> None:
    """Send what waits for the morning, too: to the sinks, since no server is set."""
    at = timezone.now() + timedelta(days=1)
    while send_waiting(at=at).sent:
        pass
