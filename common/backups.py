"""One file that holds everything a product needs to go on: the database and the uploads, with a list of contents.

The secret key is not in it: whoever finds a backup must not be able to forge links. Keep it apart.
"""

import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg2

from common.postgres_programs import client_program

KEPT = timedelta(days=35)  # what was erased on request must not live on in old backups
FORMAT = 1


class BackupRefused(Exception):
    """A backup or a restore that was not begun, or was undone; the sentence says why."""


@dataclass(frozen=True)
class Place:
    """A database (psycopg2's connection parameters) and a folder of uploads."""

    database: Mapping[str, object]
    uploads: Path

    def connect(self):
        return psycopg2.connect(**{key: value for key, value in self.database.items() if key in PSYCOPG})

    def environment(self) -> dict[str, str]:
        """For pg_dump and pg_restore: a password in the environment is not shown by `ps`."""
        given = {PSYCOPG[key]: str(value) for key, value in self.database.items() if key in PSYCOPG and value}
        return os.environ | given


PSYCOPG = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def back_up(place: Place, target: Path, *, at: datetime) -> dict:
    """Write everything to `target` (readable by its owner only) and return the list of contents.

    The database first, in one snapshot; uploads are only ever added, so every file a row names is there after it.
    """
    with tempfile.TemporaryDirectory(dir=target.resolve().parent) as folder:
        dump = Path(folder, "database.dump")
        run_program(place, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        files = sorted(path for path in place.uploads.rglob("*") if path.is_file())
        manifest = {
            "format": FORMAT,
            "made_at": at.isoformat(),
            "expires_at": (at + KEPT).isoformat(),
            "database_sha256": checksum(dump),
            "migrations": migrations(place),
            "uploads": len(files),
        }
        Path(folder, "manifest.json").write_text(json.dumps(manifest, indent=1))
        partial = Path(folder, "all.tar")
        with tarfile.open(partial, "w") as archive:
            archive.add(Path(folder, "manifest.json"), "manifest.json")
            archive.add(dump, "database.dump")
            for path in files:
                archive.add(path, f"uploads/{path.relative_to(place.uploads)}")
        partial.chmod(0o600)
        partial.replace(target)  # a backup is whole or not there
    return manifest


def restore(place: Place, source: Path, *, at: datetime, force: bool = False) -> dict:
    """Bring everything back into an empty database and an empty folder; `force` empties them first.

    The database is restored in one transaction: it is all there or nothing is. Raises BackupRefused.
    """
    with tempfile.TemporaryDirectory(dir=place.uploads.resolve().parent) as folder:
        manifest = unpack(source, Path(folder), at=at, force=force)
        prepare_empty(place, force=force)
        run_program(
            place,
            "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            f"--dbname={place.database['dbname']}",
            str(Path(folder, "database.dump")),
        )
        for path in sorted(Path(folder, "uploads").rglob("*")):
            if path.is_file():
                goal = place.uploads / path.relative_to(Path(folder, "uploads"))
                goal.parent.mkdir(parents=True, exist_ok=True)
                path.replace(goal)
    return manifest


def unpack(source: Path, folder: Path, *, at: datetime, force: bool) -> dict:
    """Take the file apart and check that it is one of ours, whole, and not past its time."""
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads(Path(folder, "manifest.json").read_text())
        is_whole = manifest["database_sha256"] == checksum(Path(folder, "database.dump"))
    except (OSError, tarfile.TarError, ValueError, KeyError) as trouble:
        raise BackupRefused(f"{source} is not a backup made by `manage.py backup`: {trouble}") from None
    if manifest["format"] != FORMAT:
        raise BackupRefused(f"{source} was written in format {manifest['format']}; this version reads {FORMAT}.")
    files = sum(path.is_file() for path in Path(folder, "uploads").rglob("*"))
    if not is_whole or files != manifest["uploads"]:
        raise BackupRefused(f"{source} is damaged: its contents are not what its list says.")
    if at > datetime.fromisoformat(manifest["expires_at"]) and not force:
        raise BackupRefused(
            f"This backup expired on {manifest['expires_at'][:10]}. People may have had their data erased since; "
            "--force restores it all the same."
        )
    return manifest


def prepare_empty(place: Place, *, force: bool) -> None:
    """Refuse a database or a folder with something in it; with `force` empty both."""
    connection = place.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            (tables,) = cursor.fetchone()
            has_files = any(place.uploads.rglob("*"))
            if (tables or has_files) and not force:
                what = f"{tables} tables" if tables else "files"
                raise BackupRefused(f"There are {what} here already. Restore into an empty place, or say --force.")
            if force:
                cursor.execute("DROP SCHEMA public CASCADE")
                cursor.execute("CREATE SCHEMA public")
    finally:
        connection.close()
    if force:
        for path in sorted(place.uploads.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


def migrations(place: Place) -> list[str]:
    """The last migration of each app, so that one can see which version wrote the backup."""
    connection = place.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app || '.' || max(name) FROM django_migrations GROUP BY app ORDER BY app")
            return [name for (name,) in cursor.fetchall()]
    finally:
        connection.close()


def run_program(place: Place, name: str, *words: str) -> None:
    """Run pg_dump or pg_restore of a version that fits the server. Raises BackupRefused with its words."""
    connection = place.connect()
    server = connection.server_version // 10_000
    connection.close()
    program = client_program(name, server)
    if program is None:
        raise BackupRefused(f"No {name} for PostgreSQL {server} was found. Install its client, or set HUIYIN_PG_BIN.")
    done = subprocess.run(  # noqa: S603 (PostgreSQL's own program, with words of ours)
        [program, *words], env=place.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupRefused(f"{name} failed: {done.stderr.strip()[-800:]}")


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
