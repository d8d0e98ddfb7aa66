"""A backup is proved by restoring it: into a second database, every table and every file compared."""

import secrets
import tarfile
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from common.backups import BackupRefused, Place, back_up, restore
from common.models import Draft

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(tmp_path):
    """This test's database with two rows, and a folder with two files."""
    Draft.objects.create(owner="user:1", place="reply:HY1", text="水壶漏水,想退 —— 第一行\n第二行", saved_at=NOW)
    Draft.objects.create(owner="user:2", place="reply:HY2", text="'; DROP TABLE x; --", saved_at=NOW)
    uploads = tmp_path / "uploads"
    (uploads / "2026/03").mkdir(parents=True)
    (uploads / "2026/03/照片.jpg").write_bytes(b"\xff\xd8 one")
    (uploads / "note.txt").write_bytes(b"two")
    return Place(connection.get_connection_params(), uploads)


@pytest.fixture
def elsewhere(here, tmp_path):
    """An empty database on the same server, and an empty folder."""
    name = f"restored_{secrets.token_hex(4)}"
    admin = psycopg2.connect(**{**here.database, "cursor_factory": None})
    admin.autocommit = True
    admin.cursor().execute(f"CREATE DATABASE {name}")
    (tmp_path / "elsewhere").mkdir()
    yield Place({**here.database, "dbname": name}, tmp_path / "elsewhere")
    admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


def contents(place: Place) -> tuple[dict[str, list], dict[str, bytes]]:
    """Every row of every table, and every file."""
    tables: dict[str, list] = {}
    link = place.connect()
    with link.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t ORDER BY 1')
            tables[table] = cursor.fetchall()
    link.close()
    files = {str(p.relative_to(place.uploads)): p.read_bytes() for p in place.uploads.rglob("*") if p.is_file()}
    return tables, files


def test_everything_comes_back(here, elsewhere, tmp_path):
    made = back_up(here, tmp_path / "b.tar", at=NOW)
    assert restore(elsewhere, tmp_path / "b.tar", at=NOW) == made
    assert contents(elsewhere) == contents(here)
    assert len(contents(elsewhere)[0]["common_draft"]) == 2
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600


def test_a_place_with_something_in_it_is_left_alone(here, elsewhere, tmp_path):
    back_up(here, tmp_path / "b.tar", at=NOW)
    restore(elsewhere, tmp_path / "b.tar", at=NOW)
    with pytest.raises(BackupRefused, match="here already"):
        restore(elsewhere, tmp_path / "b.tar", at=NOW)
    (elsewhere.uploads / "later.txt").write_text("x")
    restore(elsewhere, tmp_path / "b.tar", at=NOW, force=True)
    assert contents(elsewhere) == contents(here)


def test_a_backup_past_its_time_is_refused(here, elsewhere, tmp_path):
    back_up(here, tmp_path / "b.tar", at=NOW)
    with pytest.raises(BackupRefused, match="expired on 2026-04-13"):
        restore(elsewhere, tmp_path / "b.tar", at=NOW + timedelta(days=36))
    assert contents(elsewhere) == ({}, {})


def test_a_damaged_backup_changes_nothing(here, elsewhere, tmp_path):
    back_up(here, tmp_path / "b.tar", at=NOW)
    with tarfile.open(tmp_path / "b.tar") as archive:
        archive.extractall(tmp_path / "open", filter="data")
    with (tmp_path / "open/database.dump").open("ab") as dump:
        dump.write(b"x")
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        for path in (tmp_path / "open").iterdir():
            archive.add(path, path.name)
    for name in ("bad.tar", "missing.tar"):
        with pytest.raises(BackupRefused):
            restore(elsewhere, tmp_path / name, at=NOW)
    assert contents(elsewhere) == ({}, {})


def test_the_commands_say_what_they_did(here, settings, tmp_path, capsys):
    settings.MEDIA_ROOT = str(here.uploads)
    call_command("backup", str(tmp_path / "b.tar"))
    assert "2 files" in capsys.readouterr().out
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(tmp_path / "b.tar"))
    with pytest.raises(CommandError, match="here already"):
        call_command("restore", str(tmp_path / "b.tar"))
