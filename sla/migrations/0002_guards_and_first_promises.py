"""Published promises can't be changed by anybody, and the ones a new installation starts with."""

from django.db import migrations
from django.utils import timezone

from sla.defaults import seed

# A set that this very transaction wrote may still be filled: that is how a copy of a database is brought back.
GUARD = """
CREATE FUNCTION sla_set_is_frozen(set_id bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM sla_policyset WHERE id = set_id AND state = 'published'
    AND xmin::text::bigint <> (txid_current() % (2^32)::bigint)
  )
$$;

CREATE FUNCTION sla_keep_published_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'published' THEN
    RAISE EXCEPTION 'policy set % is published and can not be changed', OLD.number USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF NEW.state = 'published' AND NOT EXISTS (
    SELECT 1 FROM sla_policy WHERE policy_set_id = NEW.id AND conditions = '{}'::jsonb
  ) THEN
    RAISE EXCEPTION 'policy set % has no default', NEW.number USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION sla_keep_published_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP <> 'INSERT' AND sla_set_is_frozen(OLD.policy_set_id))
    OR (TG_OP <> 'DELETE' AND sla_set_is_frozen(NEW.policy_set_id)) THEN
    RAISE EXCEPTION 'the policy set is published and can not be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION sla_keep_published_target() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE touched bigint;
BEGIN
  touched := CASE WHEN TG_OP = 'INSERT' THEN NEW.policy_id ELSE OLD.policy_id END;
  IF EXISTS (SELECT 1 FROM sla_policy p WHERE p.id = touched AND sla_set_is_frozen(p.policy_set_id)) THEN
    RAISE EXCEPTION 'the policy set is published and can not be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER sla_policyset_kept BEFORE UPDATE OR DELETE ON sla_policyset
  FOR EACH ROW EXECUTE FUNCTION sla_keep_published_set();
CREATE TRIGGER sla_policy_kept BEFORE INSERT OR UPDATE OR DELETE ON sla_policy
  FOR EACH ROW EXECUTE FUNCTION sla_keep_published_policy();
CREATE TRIGGER sla_target_kept BEFORE INSERT OR UPDATE OR DELETE ON sla_target
  FOR EACH ROW EXECUTE FUNCTION sla_keep_published_target();
"""

UNGUARD = """
DROP TRIGGER sla_target_kept ON sla_target;
DROP TRIGGER sla_policy_kept ON sla_policy;
DROP TRIGGER sla_policyset_kept ON sla_policyset;
DROP FUNCTION sla_keep_published_target();
DROP FUNCTION sla_keep_published_policy();
DROP FUNCTION sla_keep_published_set();
DROP FUNCTION sla_set_is_frozen(bigint);
"""


def first_promises(apps, schema_editor):
    seed(
        *(apps.get_model("sla", name) for name in ("PolicySet", "Policy", "Target")),
        apps.get_model("calendars", "Calendar"),
        at=timezone.now(),
    )


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_initial"), ("calendars", "0002_seed")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunPython(first_promises, migrations.RunPython.noop),
    ]
