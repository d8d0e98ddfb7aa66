"""Filters that several lists share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django_filters.fields import IsoDateTimeField

from common.imports import FIRST_YEAR, LAST_YEAR


class MomentField(IsoDateTimeField):
    """An instant in ISO 8601; kept in UTC, because the database refuses some offsets that the standard allows."""

    def clean(self, value: Any) -> datetime | None:
        moment = super().clean(value)
        if moment is None:
            return None
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise forms.ValidationError(_("The year %(year)d can't be right.") % {"year": moment.year})
        return moment.astimezone(UTC)


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField
