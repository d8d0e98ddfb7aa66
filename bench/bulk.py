"""Writing millions of rows: plain INSERT ... SELECT into tables that wait for their indexes."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

Model = type[models.Model]


class Progress:
    """One line per step, with the seconds it took."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[what] = round(time.monotonic() - began, 2)
        self.say(f"{what}: {self.seconds[what]:.1f} s")


def insert(model: Model, source: str, values: Mapping[str, str]) -> str:
    """The statement that fills a table: `values` is field -> SQL over the rows of `source` (a FROM clause).

    Fields not named get the default of their model, so that a new field with a default needs no line here.
    """
    known = {field.name: field for field in model._meta.concrete_fields}
    unknown = set(values) - set(known)
    if unknown:
        raise LookupError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    columns, expressions = [], []
    for name, field in known.items():
        if name in values:
            columns.append(field.column)
            expressions.append(f"({values[name]})::{field.db_type(connection).replace('serial', 'int')}")
        elif not (field.primary_key and isinstance(field, models.AutoField)) and not field.has_db_default():
            columns.append(field.column)
            expressions.append(literal(field.get_db_prep_save(field.get_default(), connection)))
    listed = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{model._meta.db_table}" ({listed}) SELECT {", ".join(expressions)} FROM {source}'


def literal(value: Any) -> str:
    """A value as SQL text."""
    with connection.cursor() as cursor:
        text = cursor.mogrify("%s", [value])
    return text.decode() if isinstance(text, bytes) else str(text)


def copy(table: str, rows: Iterable[Iterable[Any]]) -> None:
    """COPY rows of numbers and plain words (no tabs, no backslashes) into a table."""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN", _Lines(rows))


class _Lines(io.TextIOBase):
    """A file that is written while it is read."""

    def __init__(self, rows: Iterable[Iterable[Any]]) -> None:
        self._lines = ("\t".join(map(str, row)) + "\n" for row in rows)

    def read(self, size: int | None = -1) -> str:
        parts, length = [], 0
        for line in self._lines:
            parts.append(line)
            length += len(line)
            if size is not None and 0 <= size <= length:
                break
        return "".join(parts)


def run_together(statements: Mapping[str, list[str]], progress: Progress, *, trusting: bool) -> None:
    """Run named groups of statements: when trusting two at a time, each in a session of its own; else one by one here."""

    def run(name: str, group: list[str]) -> None:
        with progress.step(name), connection.cursor() as cursor:
            hurry(cursor, trusting=trusting)
            for statement in group:
                cursor.execute(statement)

    def run_apart(name: str, group: list[str]) -> None:
        try:
            run(name, group)
        finally:
            connection.close()

    if not trusting:
        for name, group in statements.items():
            run(name, group)
        return
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run_apart, name, group) for name, group in statements.items()]:
            done.result()


def hurry(cursor: Any, *, trusting: bool) -> None:
    """Settings of one session: memory for sorting; foreign keys are looked up at once or, when trusting, not at all."""
    cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'")
    if trusting:
        cursor.execute("SET session_replication_role = replica")
    elif connection.in_atomic_block:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def put_indexes_aside(tables: Iterable[str]) -> dict[str, list[str]]:
    """Drop every index and unique constraint of the tables but the primary key; returns what makes them again."""
    again: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                """
                SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname, pg_get_constraintdef(c.oid)
                FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('u', 'x')
                WHERE i.indrelid = %s::regclass AND NOT i.indisprimary
                """,
                [table],
            )
            again[table] = []
            for index, index_definition, name, definition in cursor.fetchall():
                if name:
                    cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
                    again[table].append(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
                else:
                    cursor.execute(f"DROP INDEX {index}")
                    again[table].append(index_definition)
    return again
