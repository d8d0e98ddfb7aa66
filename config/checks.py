"""Reads settings from the environment and refuses a wrong one with a sentence that names it.

Pure functions: a name and the text of the setting in, a value out, `ImproperlyConfigured` when it cannot be meant.
"""

import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def refuse(name: str, why: str) -> ImproperlyConfigured:
    """The one shape of a refusal: the setting's name, what is wrong, where to read more."""
    return ImproperlyConfigured(f"Setting {name}: {why} See .env.example for an example.")


def secret_key(name: str, value: str) -> str:
    """A secret of at least 40 characters; nothing is guessed, because every signed link depends on it."""
    if not value:
        raise refuse(name, "it is not set. Generate one: python -c 'import secrets; print(secrets.token_urlsafe(50))'.")
    if len(value) < 40:
        raise refuse(name, f"it has {len(value)} characters; at least 40 are needed.")
    return value


def yes_or_no(name: str, value: str) -> bool:
    """A switch: 1/true/yes/on or 0/false/no/off, in any case."""
    text = value.strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise refuse(name, f"“{value}” is neither yes nor no; write 1 or 0.")


def one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    """One word out of a short list."""
    if value not in choices:
        raise refuse(name, f"“{value}” is not one of {', '.join(choices)}.")
    return value


def whole_number(name: str, value: str, *, low: int, high: int) -> int:
    """A whole number between two limits, both allowed."""
    if not re.fullmatch(r"\d+", value.strip()) or not low <= int(value) <= high:
        raise refuse(name, f"“{value}” is not a whole number from {low} to {high}.")
    return int(value)


def database(name: str, value: str) -> dict:
    """A PostgreSQL address as Django's database dictionary. The password is never repeated in a refusal."""
    if not value:
        raise refuse(name, "it is not set. `make run` starts a database of its own; anything else needs an address.")
    parts = urlsplit_or_refuse(name, value)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise refuse(name, f"it starts with “{parts.scheme}://”; only postgresql:// works.")
    if not parts.path.strip("/"):
        raise refuse(name, "it names no database; it should end with /NAME.")
    return environ.Env.db_url_config(value)


def redis_address(name: str, value: str) -> str:
    """A Redis or Valkey address with its database number, `redis://host:port/0` or `rediss://`."""
    if not value:
        raise refuse(name, "it is not set. `make run` starts a Valkey of its own; anything else needs an address.")
    parts = urlsplit_or_refuse(name, value)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise refuse(name, "it should look like redis://HOST:PORT/0.")
    number = parts.path.strip("/") or "0"
    if not number.isdigit():
        raise refuse(name, f"“/{number}” is not a database number.")
    return parts._replace(path=f"/{number}").geturl()


def next_redis_database(address: str) -> str:
    """The database after the broker's, for the cache: clearing the cache must never empty the queues."""
    parts = urlsplit(address)
    return parts._replace(path=f"/{int(parts.path.strip('/')) + 1}").geturl()


def time_zone(name: str, value: str) -> str:
    """An IANA time zone name, such as Asia/Shanghai."""
    if value not in available_timezones():
        raise refuse(name, f"“{value}” is not a time zone name such as Asia/Shanghai.")
    return ZoneInfo(value).key


def base_url(name: str, value: str) -> str:
    """The address people type, http or https, host and port only, without a slash at the end."""
    parts = urlsplit_or_refuse(name, value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refuse(name, f"“{value}” should look like https://help.example.cn.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise refuse(name, f"“{value}” should end after the host; the product lives at the root of its host.")
    return f"{parts.scheme}://{parts.netloc}"


def web_address(name: str, value: str) -> str:
    """The address of another system's door, http or https with a host; empty when there is none."""
    if not value:
        return ""
    parts = urlsplit_or_refuse(name, value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refuse(name, "it should look like https://gateway.example.cn/messages.")
    return value


def needed_with(name: str, value: str, other: str, other_value: str) -> str:
    """A secret that another setting needs."""
    if other_value and not value:
        raise refuse(name, f"it is needed because {other} is set.")
    return value


def robot_secret(name: str, value: str, kind: str) -> str:
    """The signing secret of a group robot; 企业微信 knows none, so one would be a mistake."""
    if value and kind == "wecom":
        raise refuse(name, "robots of 企业微信 (wecom) have no secret; leave it empty.")
    return value


def mail(name: str, value: str) -> dict:
    """An outgoing mail server as Django settings; `sink` keeps mail inside the product, to be read by admins."""
    if value == "sink":
        return {"EMAIL_HOST": "", "EMAIL_PORT": 0, "EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": ""}
    parts = urlsplit_or_refuse(name, value)
    if parts.scheme not in {"smtp", "smtp+tls", "smtp+ssl"} or not parts.hostname:
        raise refuse(name, "it should be `sink` or look like smtp+tls://USER:PASSWORD@HOST:587.")
    return {
        key: found
        for key, found in environ.Env.email_url_config(value).items()
        if key not in {"EMAIL_BACKEND", "EMAIL_FILE_PATH"}
    }


def networks(name: str, value: str) -> list[Network]:
    """Addresses and networks separated by commas, such as `10.0.0.0/8, 127.0.0.1`."""
    found: list[Network] = []
    for word in filter(None, re.split(r"[,\s]+", value)):
        try:
            found.append(ipaddress.ip_network(word, strict=False))
        except ValueError:
            raise refuse(name, f"“{word}” is neither an address nor a network such as 10.0.0.0/8.") from None
    return found


def host_names(name: str, value: str) -> list[str]:
    """Host names separated by commas; a leading dot means all below it."""
    found = list(filter(None, re.split(r"[,\s]+", value)))
    for word in found:
        if not re.fullmatch(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\]", word):
            raise refuse(name, f"“{word}” is not a host name; write it without http:// and without a port.")
    return found


def folder(name: str, value: str) -> Path:
    """A folder we may write to; it is made when it is missing."""
    path = Path(value).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise refuse(name, f"the folder {path} cannot be made ({trouble.strerror}).") from None
    return path


def urlsplit_or_refuse(name: str, value: str):
    """Split an address; a port that is no number or a broken bracket is a refusal, not a crash later."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise refuse(name, "it is not a well-formed address.") from None
    return parts
