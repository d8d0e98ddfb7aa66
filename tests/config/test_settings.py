"""Settings: every one is explained, every one changes something, and a wrong one is refused by its name."""

import re
import runpy
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent
OTHER_NAMES = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DEBUG", "PORT"}
GOOD = {
    "SECRET_KEY": "x" * 50,
    "DATABASE_URL": "postgresql://app:hidden-word@db:5432/huiyin",
    "REDIS_URL": "redis://cache:6379/3",
}


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Read the settings file afresh under the given environment and return its names."""

    def load(**names: str) -> dict:
        for name in explained() | OTHER_NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"HUIYIN_DATA": str(tmp_path)} | GOOD | names).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config/settings.py"))

    return load


def explained() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def read_by_the_product() -> set[str]:
    folders = [
        path for path in ROOT.iterdir() if path.is_dir() and path.name not in {".venv", "tests", ".git", ".data"}
    ]

    source = "\n".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))
    return (
        set(re.findall(r"[\"'](HUIYIN_[A-Z_]+)[\"']", source))
        | {name for name in OTHER_NAMES if re.search(rf"[\"']{name}[\"']", source)}
        | set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    )


def test_every_setting_is_explained_and_every_explained_setting_is_read():
    assert read_by_the_product() == explained()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "", "it is not set"),
        ("SECRET_KEY", "short", "at least 40"),
        ("DATABASE_URL", "", "it is not set"),
        ("DATABASE_URL", "mysql://db/x", "only postgresql://"),
        ("DATABASE_URL", "postgresql://db:port/x", "well-formed"),
        ("DATABASE_URL", "postgresql://db", "names no database"),
        ("REDIS_URL", "", "it is not set"),
        ("REDIS_URL", "http://cache", "redis://HOST:PORT/0"),
        ("REDIS_URL", "redis://cache/zero", "not a database number"),
        ("HUIYIN_BASE_URL", "help.example.cn", "https://help.example.cn"),
        ("HUIYIN_BASE_URL", "https://example.cn/help", "end after the host"),
        ("HUIYIN_HOSTS", "https://example.cn", "not a host name"),
        ("HUIYIN_TRUSTED_PROXIES", "10.0.0.0/8, proxy", "“proxy”"),
        ("HUIYIN_TIME_ZONE", "Asia/Peking", "time zone name"),
        ("EMAIL_URL", "mail.example.cn", "sink"),
        ("HUIYIN_LOG_FORMAT", "xml", "json, console"),
        ("HUIYIN_LOG_LEVEL", "LOUD", "DEBUG, INFO"),
        ("HUIYIN_METRICS_NETWORKS", "everyone", "“everyone”"),
        ("HUIYIN_DEMO", "maybe", "neither yes nor no"),
        ("DEBUG", "2", "neither yes nor no"),
        ("HUIYIN_DATA", "/proc/nowhere", "cannot be made"),
        ("HUIYIN_UPLOADS", "/proc/nowhere", "cannot be made"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(load, name, value, words):
    with pytest.raises(ImproperlyConfigured, match=f"^Setting {name}: ") as refusal:
        load(**{name: value})
    assert words in str(refusal.value)
    assert "hidden-word" not in str(refusal.value)


def test_the_start_ends_with_the_sentence_and_without_a_traceback():
    import os
    import subprocess
    import sys

    env = {**os.environ, "HUIYIN_TIME_ZONE": "Mars/Base"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "Setting HUIYIN_TIME_ZONE: “Mars/Base” is not a time zone name such as Asia/Shanghai. "
        "See .env.example for an example."
    )


def test_an_https_address_switches_on_every_belt(load):
    plain, safe = load(), load(HUIYIN_BASE_URL="https://help.example.cn/")
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"):
        assert not plain[name] and safe[name], name
    assert safe["BASE_URL"] == "https://help.example.cn"
    assert "help.example.cn" in safe["ALLOWED_HOSTS"]
    assert safe["CSRF_TRUSTED_ORIGINS"] == ["https://help.example.cn"]


def test_each_setting_changes_what_it_names(load, tmp_path):
    assert load()["ALLOWED_HOSTS"] == ["127.0.0.1", "127.0.0.1", "localhost"]
    assert load(HUIYIN_HOSTS="a.cn, .b.cn")["ALLOWED_HOSTS"][-2:] == ["a.cn", ".b.cn"]
    assert load()["TIME_ZONE"] == load()["CELERY_TIMEZONE"] == "Asia/Shanghai"
    assert load(HUIYIN_TIME_ZONE="Europe/Berlin")["CELERY_TIMEZONE"] == "Europe/Berlin"
    assert load()["MEDIA_ROOT"] == tmp_path / "uploads"
    assert load(HUIYIN_UPLOADS=str(tmp_path / "u"))["MEDIA_ROOT"] == tmp_path / "u"
    assert (load()["DEMO"], load(HUIYIN_DEMO="yes")["DEMO"]) == (False, True)
    assert (load()["DEBUG"], load(DEBUG="1")["DEBUG"]) == (False, True)
    assert load()["LOGGING"] == {"format": "json", "level": "INFO"}
    assert load(HUIYIN_LOG_FORMAT="console", HUIYIN_LOG_LEVEL="ERROR")["LOGGING"] == {
        "format": "console",
        "level": "ERROR",
    }
    assert load(HUIYIN_METRICS_TOKEN="t")["METRICS_TOKEN"] == "t"
    assert load(HUIYIN_MAIL_FROM="A <a@b.cn>")["DEFAULT_FROM_EMAIL"] == "A <a@b.cn>"


def test_the_cache_takes_the_redis_database_after_the_queues(load):
    found = load()
    assert found["CELERY_BROKER_URL"] == "redis://cache:6379/3"
    assert found["CACHES"]["default"]["LOCATION"] == "redis://cache:6379/4"


def test_a_mail_address_is_taken_apart(load):
    found = load(EMAIL_URL="smtp+tls://shop:pass%40word@mail.example.cn:587")
    assert found["EMAIL_HOST"] == "mail.example.cn" and found["EMAIL_PORT"] == 587
    assert found["EMAIL_HOST_USER"] == "shop" and found["EMAIL_HOST_PASSWORD"] == "pass@word"
    assert found["EMAIL_USE_TLS"] is True and found["EMAIL_IS_SINK"] is False
    assert load()["EMAIL_IS_SINK"] is True


def test_the_operations_guide_names_every_setting():
    guide = (ROOT / "docs/operations.md").read_text()
    assert [name for name in sorted(explained()) if f"`{name}`" not in guide] == []
