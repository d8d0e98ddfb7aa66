from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models.teams import Merchant


class Role(models.TextChoices):
    CUSTOMER = "customer", _("customer")
    AGENT = "agent", _("agent")
    LEAD = "lead", _("team lead")
    MANAGER = "manager", _("manager")
    FINANCE = "finance", _("finance")
    ADMIN = "admin", _("administrator")
    AUDITOR = "auditor", _("auditor")


#: Everyone who works here, as opposed to customers.
STAFF = frozenset(Role) - {Role.CUSTOMER}


class UserQuerySet(models.QuerySet["User"]):
    def staff(self) -> UserQuerySet:
        return self.filter(is_active=True).exclude(role=Role.CUSTOMER)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def staff(self) -> UserQuerySet:
        return self.get_queryset().staff()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(Q(email__iexact=username) | Q(phone=username))

    def create_user(
        self, *, email: str | None = None, phone: str | None = None, password: str | None = None, **fields: Any
    ) -> User:
        """A new person; without a password they sign in after a reset only."""
        user = self.model(email=(email or "").strip().lower() or None, phone=phone or None, **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields = {"role": Role.ADMIN, "is_superuser": True, "name": email.split("@", maxsplit=1)[0], **fields}
        return self.create_user(email=email, password=password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, by e-mail or by phone (E.164, `+86...`)."""

    email = models.EmailField(_("e-mail"), null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=20, null=True, blank=True)
    name = models.CharField(_("name"), max_length=60)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.CUSTOMER)
    team = models.ForeignKey("accounts.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="members")
    # Staff with a merchant in scope see only that merchant's cases ("merchant agent").
    merchants: models.ManyToManyField[Merchant, Any] = models.ManyToManyField(
        "accounts.Merchant", blank=True, related_name="agents"
    )
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    theme = models.CharField(_("appearance"), max_length=6, default="", blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.UniqueConstraint(fields=["phone"], name="user_phone_once"),
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False), name="user_has_email_or_phone"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(condition=Q(theme__in=["", "light", "dark"]), name="user_theme_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Everyone who works here. Django's admin asks for this and for permissions of its own."""
        return self.role != Role.CUSTOMER

    @property
    def scope(self) -> frozenset[int]:
        """The merchants this person is confined to; empty means no confinement. Asked once per object."""
        if not hasattr(self, "_scope"):
            self._scope = frozenset(self.merchants.values_list("pk", flat=True)) if self.is_staff else frozenset()
        return self._scope
