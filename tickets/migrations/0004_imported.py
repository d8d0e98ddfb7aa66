from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """An index for counting imported cases; built beside a live table, without a lock that stops filing."""

    atomic = False
    dependencies = [("tickets", "0003_queue_indexes")]

    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(condition=models.Q(("origin", "import")), fields=["-id"], name="ticket_imported"),
        ),
    ]
