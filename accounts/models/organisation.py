from __future__ import annotations

from django.core.cache import cache
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common import per_request


class Mode(models.TextChoices):
    BRAND = "brand", _("brand (one company)")
    MARKETPLACE = "marketplace", _("marketplace (many merchants)")


class Organisation(models.Model):
    """Who runs this installation: one row, made on first start."""

    name = models.CharField(_("name"), max_length=60)
    logo = models.ImageField(_("logo"), upload_to="organisation/", blank=True)
    mode = models.CharField(_("mode"), max_length=12, choices=Mode, default=Mode.BRAND)
    hotline = models.CharField(_("hotline"), max_length=30, blank=True)
    calendar = models.ForeignKey("calendars.Calendar", on_delete=models.PROTECT, related_name="+")
    # Ticket numbers are permuted with this, so that they tell nobody our volume. Never changed.
    number_key = models.CharField(max_length=64, editable=False)
    set_up_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("organisation")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="organisation_only_one")]

    def __str__(self) -> str:
        return self.name

    CACHE_KEY = "accounts.organisation"
    CACHE_SECONDS = 300

    @classmethod
    def current(cls) -> Organisation | None:
        """This installation, or None before the first start is finished. Cached; `save_organisation` forgets it."""
        return per_request.kept(cls.CACHE_KEY, cls._current)

    @classmethod
    def _current(cls) -> Organisation | None:
        found = cache.get(cls.CACHE_KEY)
        if found is None:
            found = cls.objects.filter(pk=1, set_up_at__isnull=False).first()
            if found is not None:
                cache.set(cls.CACHE_KEY, found, cls.CACHE_SECONDS)
        return found

    @classmethod
    def forget(cls) -> None:
        """Let the next `current()` read the row again."""
        cache.delete(cls.CACHE_KEY)
        per_request.forget(cls.CACHE_KEY)

    @property
    def is_marketplace(self) -> bool:
        return self.mode == Mode.MARKETPLACE


class PrivacyNotice(models.Model):
    """What we tell people about their data; a ticket keeps the version its customer saw."""

    version = models.PositiveIntegerField(unique=True)
    text_zh = models.TextField(_("Chinese text"))
    text_en = models.TextField(_("English text"))
    published_at = models.DateTimeField()

    class Meta:
        verbose_name = _("privacy notice")
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"v{self.version}"

    @classmethod
    def current(cls) -> PrivacyNotice:
        """The version shown to people who file now; the first one comes with the migrations."""
        return cls.objects.order_by("-version")[:1].get()

    @property
    def text(self) -> str:
        """In the reader's language."""
        return self.text_en if (get_language() or "").startswith("en") else self.text_zh
