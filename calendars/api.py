"""`POST /api/v1/sla/explain/`: when something falls due by a calendar, and why."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.errors import Invalid
from common.parsers import JSONParser

from .models import holidays
from .wording import reason, refusal
from .worktime import WHY, BadTime, Segment, Target, WorkCalendar

MOST_PAUSES = 1000
MOST_SEGMENTS = 20_000


class QuestionSerializer(serializers.Serializer):
    """What is asked: a calendar, a start, and either a target or an end."""

    calendar = serializers.JSONField(
        help_text='{"timezone", "hours": {"mon": [["09:00", "12:00"], ...]} or "24x7", "holidays": "cn" or dates, '
        '"overrides": {date: intervals}, "breaks": {date: intervals}}'
    )
    start = serializers.DateTimeField(help_text="ISO 8601 with UTC offset; without one it is the calendar's time zone")
    target = serializers.JSONField(
        required=False,
        help_text='{"minutes": n}, {"seconds": n}, {"working_days": n} or {"calendar_days": n, "holiday_rule": "none", '
        '"public_holiday" or "rest_day"}; each with "max_elapsed_minutes": n if wanted',
    )
    end = serializers.DateTimeField(required=False, help_text="instead of a target: count the working time up to here")
    pauses = serializers.ListField(
        child=serializers.ListField(child=serializers.DateTimeField(), min_length=2, max_length=2),
        required=False,
        max_length=MOST_PAUSES,
        help_text="[[from, until], ...]: the clock stands still",
    )


class SegmentSerializer(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    counted_minutes = serializers.FloatField()
    why = serializers.CharField(help_text="plain English")
    code = serializers.ChoiceField(choices=[(code, code) for code in WHY])
    params = serializers.DictField(child=serializers.CharField())


class AnswerSerializer(serializers.Serializer):
    """With a target all but `elapsed_minutes`; with an end `elapsed_minutes`, `segments` and `unannounced_years`."""

    due_at = serializers.DateTimeField(required=False, help_text="with the UTC offset of the calendar's time zone")
    decided_by = serializers.ChoiceField(choices=[("target", "target"), ("cap", "cap")], required=False)
    elapsed_minutes = serializers.FloatField(required=False)
    segments = SegmentSerializer(many=True)
    unannounced_years = serializers.ListField(
        child=serializers.IntegerField(), help_text="years that were counted without knowing their public holidays"
    )


class ProblemSerializer(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


class ExplainView(APIView):
    """Count working time: when is a target due, or how much time passed until an end."""

    parser_classes = [JSONParser]

    @extend_schema(
        operation_id="sla_explain",
        summary="Explain a due time",
        tags=["sla"],
        request=QuestionSerializer,
        responses={200: AnswerSerializer, (422, "application/problem+json"): ProblemSerializer},
        examples=[
            OpenApiExample(
                "Four working hours over a weekend",
                request_only=True,
                value={
                    "calendar": {
                        "timezone": "Asia/Shanghai",
                        "hours": {"mon": [["09:00", "18:00"]], "fri": [["09:00", "18:00"]]},
                        "holidays": "cn",
                    },
                    "start": "2026-03-13T16:00:00+08:00",
                    "target": {"minutes": 240},
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        return Response(explain(request.data))


class Question(NamedTuple):
    """What was asked, read and checked; `until` is a target to fall due or a moment to count up to."""

    calendar: WorkCalendar
    start: datetime
    until: Target | datetime
    pauses: list[tuple[datetime, datetime]]


def explain(data: Any) -> dict[str, Any]:
    """Answer one question of contracts.md `sla/explain/`. Raises Invalid, naming the field."""
    calendar, start, until, pauses = _question(data)
    answer: dict[str, Any]
    try:
        if isinstance(until, Target):
            due = calendar.due(start, until, pauses)
            answer = {"due_at": calendar.local(due.at).isoformat(), "decided_by": due.decided_by}
            unannounced = due.unannounced_years
            segments = calendar.explain(start, due.at, pauses, until)
        else:
            answer = {"elapsed_minutes": _minutes(calendar.elapsed(start, until, pauses))}
            unannounced = calendar.unannounced_years(start, until)
            segments = calendar.explain(start, until, pauses)
    except BadTime as bad:
        raise refusal(bad, {"": _until(data), "hours": "calendar"}.get(bad.field, "")) from bad
    if len(segments) > MOST_SEGMENTS:
        raise _wrong(_until(data), _("lies too far from the start to be explained"))
    return answer | {
        "segments": [_segment(segment, calendar) for segment in segments],
        "unannounced_years": list(unannounced),
    }


def _until(data: dict) -> str:
    return "target" if "target" in data else "end"


def _question(data: Any) -> Question:
    if not isinstance(data, dict):
        raise Invalid(_("Send a JSON object with calendar, start, and target or end."))
    if unknown := data.keys() - {"calendar", "start", "target", "end", "pauses"}:
        raise _wrong(str(unknown.pop())[:40], _("is not part of this question"))
    for field in ("calendar", "start"):
        if field not in data:
            raise _wrong(field, _("is missing"))
    if ("target" in data) == ("end" in data):
        raise _wrong("target", _("give either a target or an end"))
    try:
        calendar = WorkCalendar.from_definition(data["calendar"], holidays())
    except BadTime as bad:
        raise refusal(bad, "calendar") from bad
    start = _moment(data["start"], "start", calendar)
    until: Target | datetime
    if "target" in data:
        try:
            until = Target.from_json(data["target"])
        except BadTime as bad:
            raise refusal(bad, "target") from bad
    else:
        until = _moment(data["end"], "end", calendar)
        if until < start:
            raise _wrong("end", _("lies before the start"))
    return Question(calendar, start, until, _pauses(data.get("pauses", []), calendar))


def _segment(segment: Segment, calendar: WorkCalendar) -> dict[str, Any]:
    return {
        "start": calendar.local(segment.start).isoformat(),
        "end": calendar.local(segment.end).isoformat(),
        "counted_minutes": _minutes(segment.counted),
        "why": segment.why,
        "code": segment.code,
        "params": segment.params,
    }


def _minutes(length: timedelta) -> int | float:
    minutes = round(length / timedelta(minutes=1), 4)
    return int(minutes) if minutes == int(minutes) else minutes


def _pauses(given: Any, calendar: WorkCalendar) -> list[tuple[datetime, datetime]]:
    if not isinstance(given, list):
        raise _wrong("pauses", _("must be a list of [from, until]"))
    if len(given) > MOST_PAUSES:
        raise _wrong("pauses", _("are more than %(most)d") % {"most": MOST_PAUSES})
    pauses = []
    for i, pause in enumerate(given):
        field = f"pauses[{i}]"
        if not isinstance(pause, list) or len(pause) != 2:
            raise _wrong(field, _("must be two moments, from and until"))
        begin, end = (_moment(moment, field, calendar) for moment in pause)
        pauses.append((begin, end))
    return pauses


def _moment(text: Any, field: str, calendar: WorkCalendar) -> datetime:
    """Read a moment; without an offset it is on the calendar's wall clock. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise _wrong(field, _("must be a moment such as 2026-03-09T10:00:00+08:00")) from None
    try:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=calendar.zone)
        calendar.elapsed(moment, moment)
    except BadTime as bad:
        raise _wrong(field, reason(bad)) from bad
    return moment


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(_("This can't be counted: look at %(field)s.") % {"field": field}, errors={field: [sentence]})


urlpatterns = [path("sla/explain/", ExplainView.as_view(), name="sla-explain")]
