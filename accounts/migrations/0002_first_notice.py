from django.db import migrations
from django.utils import timezone

from accounts.notices import first_notice


def publish_first(apps, schema_editor):
    """Version 1 is there from the beginning, so that the very first case can keep what its customer saw."""
    zh, en = first_notice()
    apps.get_model("accounts", "PrivacyNotice").objects.get_or_create(
        version=1, defaults={"text_zh": zh, "text_en": en, "published_at": timezone.now()}
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(publish_first, migrations.RunPython.noop)]
