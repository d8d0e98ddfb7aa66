"""`make check`: everything that can be found out without running the product. Every check runs, whatever failed."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "-W", "ignore::RuntimeWarning", "manage.py"]

CHECKS: dict[str, list[str | Path]] = {
    "lint": [BIN / "ruff", "check", "."],
    "format": [BIN / "ruff", "format", "--check", "."],
    "types": [BIN / "mypy"],
    "layers": [BIN / "lint-imports"],
    "templates": [BIN / "djlint", "templates", "--lint", "--quiet"],
    "django": [*MANAGE, "check", "--fail-level", "WARNING"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "translations": [*MANAGE, "check_messages"],
    "compose file": [sys.executable, "-m", "stack.check", "compose"],
}


def main() -> int:
    """Run every check, print what each that failed said, and end with 1 when any did."""
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder))
        for name, command in CHECKS.items():
            started = time.monotonic()
            done = subprocess.run(
                [str(word) for word in command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
            )
            verdict = "fine" if done.returncode == 0 else "FAILED"
            print(f"{name:<16} {verdict:<7} {time.monotonic() - started:5.1f} s", flush=True)
            if done.returncode:
                failed.append(name)
                print((done.stdout + done.stderr).strip(), flush=True)
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed")
    return 1 if failed else 0


def environment(folder: Path) -> dict[str, str]:
    """Settings good enough to import everything; nothing here connects to a server."""
    return os.environ | {
        "SECRET_KEY": "only-for-checks-" + "x" * 40,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "HUIYIN_DATA": str(folder),
        "HUIYIN_BASE_URL": "http://127.0.0.1:8000",
        "HUIYIN_LOG_LEVEL": "ERROR",
        "DEBUG": "1",
    }


def compose_faults(text: str) -> list[str]:
    """What a compose engine would refuse or a start would trip over; no engine is needed to find out."""
    import yaml

    file = yaml.safe_load(text)
    services, volumes = file["services"], set(file.get("volumes") or {})
    found = []
    for name, service in services.items():
        if "image" not in service and "build" not in service:
            found.append(f"{name} has neither an image nor a build")
        if not service.get("healthcheck"):
            found.append(f"{name} has no health check")
        for needed, how in (service.get("depends_on") or {}).items():
            if needed not in services:
                found.append(f"{name} waits for {needed}, which is no service")
            elif how["condition"] == "service_healthy" and services[needed]["healthcheck"].get("disable"):
                found.append(f"{name} waits for the health of {needed}, which is not checked")
        for volume in service.get("volumes", []):
            if volume.split(":")[0] not in volumes:
                found.append(f"{name} uses the volume {volume}, which is not named")
        wrong = [key for key, value in (service.get("environment") or {}).items() if not isinstance(value, str)]
        if wrong:
            found.append(f"{name} sets {json.dumps(wrong)} to something that is not text")
    return found


def check_compose_file() -> int:
    """Print the faults of docker-compose.yml; 1 when there are any."""
    found = compose_faults((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(check_compose_file() if sys.argv[1:] == ["compose"] else main())
