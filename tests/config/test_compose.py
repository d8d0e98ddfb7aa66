"""The compose file parses, and every program and setting it names exists. No engine is needed for that."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from celery import Celery

from stack.check import compose_faults

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def test_it_has_every_part_of_the_product():
    assert set(SERVICES) == {"migrate", "web", "worker", "sweep", "beat", "postgres", "redis"}
    assert compose_faults(TEXT) == []


def test_faults_are_found():
    text = TEXT.replace("data:/data", "date:/data").replace('HUIYIN_DEMO: "0"', "HUIYIN_DEMO: 0")
    found = compose_faults(text)
    assert "web uses the volume date:/data, which is not named" in found
    assert any("HUIYIN_DEMO" in sentence for sentence in found)


@pytest.mark.parametrize("name", OURS)
def test_every_program_it_starts_exists(name):
    program, *words = OURS[name]["command"]
    assert program in {"python", "gunicorn", "celery"}
    assert shutil.which(program, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program == "python":
        assert (ROOT / words[0]).exists()
    elif program == "gunicorn":
        assert words[0] == "-c" and (ROOT / words[1]).exists() and words[2] == "config.wsgi"
    else:
        from config import celery_app

        assert words[:2] == ["-A", "config"] and isinstance(celery_app, Celery)


def test_every_queue_that_tasks_go_to_has_a_worker():
    from django.conf import settings

    queues = {command[command.index("-Q") + 1] for command in (s["command"] for s in OURS.values()) if "-Q" in command}
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert queues == routed | {settings.CELERY_TASK_DEFAULT_QUEUE}


def test_every_setting_it_names_is_explained():
    explained = set(re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    named = {name for service in OURS.values() for name in service["environment"]} | set(
        re.findall(r"\$\{([A-Z_]+)", TEXT)
    )
    assert named - explained == {"PROMETHEUS_MULTIPROC_DIR"}  # prometheus_client's own


def test_the_settings_it_gives_are_accepted(monkeypatch, tmp_path):
    import runpy

    values = {"SECRET_KEY": "s" * 50, "POSTGRES_PASSWORD": "secret", "HUIYIN_BASE_URL": "https://help.example.cn"}
    for name, text in OURS["web"]["environment"].items():
        filled = re.sub(r"\$\{([A-Z_]+)[^}]*\}", lambda found: values[found[1]], text)
        monkeypatch.setenv(name, filled.replace("/data", str(tmp_path)))
    found = runpy.run_path(str(ROOT / "config/settings.py"))
    assert found["DATABASES"]["default"]["HOST"] == "postgres" and found["HTTPS"] is True


def test_the_image_builds_from_what_is_there():
    text = (ROOT / "Dockerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / word).exists() for word in line.split()), line
