"""Calendars for people who look something up; they change by the verbs in actions.py."""

from django.contrib import admin

from common.admin import ReadOnly

from .models import Calendar, CalendarVersion, Holiday


@admin.register(Calendar)
class CalendarAdmin(ReadOnly):
    list_display = ("code", "name", "current")
    list_select_related = ("current",)


@admin.register(CalendarVersion)
class CalendarVersionAdmin(ReadOnly):
    list_display = ("calendar", "number", "created_at", "note")
    list_select_related = ("calendar",)


@admin.register(Holiday)
class HolidayAdmin(ReadOnly):
    list_display = ("date", "name", "is_off", "notice_year", "source")
    list_filter = ("notice_year", "is_off")
    date_hierarchy = "date"
