"""China's holidays 2007-2026 and the three calendars of the first start, in the product's time zone."""

from django.conf import settings
from django.db import migrations

from calendars.presets import PRESETS, announced_days


def seed(apps, schema_editor):
    holiday, calendar, version = (
        apps.get_model("calendars", name) for name in ("Holiday", "Calendar", "CalendarVersion")
    )
    holiday.objects.bulk_create(holiday(**row._asdict()) for row in announced_days())
    for preset in PRESETS:
        made = calendar.objects.create(code=preset.code, name=preset.name)
        made.current = version.objects.create(calendar=made, number=1, definition=preset.definition(settings.TIME_ZONE))
        made.save(update_fields=["current"])


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_initial")]

    # Backwards there is nothing to undo: the tables themselves go.
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
