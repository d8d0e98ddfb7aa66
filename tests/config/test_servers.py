"""The suite's own servers are real, and fit for Chinese text."""

import os

import psycopg2
import pytest
import redis
from django.conf import settings

from stack import postgres, valkey


@pytest.fixture
def server():
    """A session on the throw-away server, outside any test's transaction."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


def test_the_database_keeps_chinese_words_apart(server):
    postgres.check(os.environ["DATABASE_URL"])
    server.execute("SELECT to_tsvector('simple', '水壶 漏水')::text")
    assert server.fetchone() == ("'水壶':1 '漏水':2",)


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        ("LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'UTF8'", "ASCII letters only"),
        ("LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'SQL_ASCII'", "not in UTF-8"),
    ],
)
def test_a_database_that_would_spoil_text_is_refused(server, definition, sentence):
    name = f"unfit_{os.getpid()}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE template0 {definition}")
    try:
        with pytest.raises(SystemExit, match=sentence):
            postgres.check(os.environ["DATABASE_URL"].replace("/app?", f"/{name}?"))
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_address_where_nothing_answers_is_refused():
    with pytest.raises(SystemExit, match="Setting REDIS_URL"):
        valkey.check("redis://127.0.0.1:1/0")


def test_the_cache_and_the_broker_are_different_redis_databases():
    cache, broker = settings.CACHES["default"]["LOCATION"], settings.CELERY_BROKER_URL
    assert redis.Redis.from_url(cache).ping() and redis.Redis.from_url(broker).ping()
    assert int(cache.rsplit("/", 1)[1]) == int(broker.rsplit("/", 1)[1]) + 1
