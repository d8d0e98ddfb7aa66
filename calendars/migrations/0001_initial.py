from django.db import migrations

# Clocks say under which version they began; what that version said must stay true whoever writes to the table.
FREEZE = """
CREATE FUNCTION calendars_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version of a calendar never changes' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER calendars_version_is_frozen BEFORE UPDATE OR DELETE ON calendars_calendarversion
    FOR EACH ROW EXECUTE FUNCTION calendars_version_is_frozen();
"""
THAW = """
DROP TRIGGER calendars_version_is_frozen ON calendars_calendarversion;
DROP FUNCTION calendars_version_is_frozen();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(FREEZE, THAW),
    ]
