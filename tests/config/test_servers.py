"""The suite's own servers are real, and fit for Chinese text."""

import psycopg2
import redis
from django.conf import settings

from stack import postgres


def test_postgres_finds_chinese_words_by_trigram():
    connection = psycopg2.connect(postgres_address())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("SELECT show_trgm('测试') <> '{}'")
        assert cursor.fetchone() == (True,)
    connection.close()


def test_the_cache_and_the_broker_are_different_redis_databases():
    cache, broker = settings.CACHES["default"]["LOCATION"], settings.CELERY_BROKER_URL
    assert redis.Redis.from_url(cache).ping() and redis.Redis.from_url(broker).ping()
    assert int(cache.rsplit("/", 1)[1]) == int(broker.rsplit("/", 1)[1]) + 1


def postgres_address() -> str:
    """The throw-away server's address, whatever database Django points at meanwhile."""
    import os

    postgres.check(os.environ["DATABASE_URL"])
    return os.environ["DATABASE_URL"]
