"""Takes personal data out of log lines: phone numbers, mail addresses, identity numbers, and fields named after people.

Pure: a dictionary in, the same dictionary with its texts masked out. The last processor before a line is printed.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

# Order matters: an 18-digit identity number contains something that looks like a phone number.
PATTERNS = [
    (re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])"), "<id>"),
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "<email>"),
    (re.compile(r"(?<![\dA-Za-z])(?:(?:\+|00)?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"), "<phone>"),
    (re.compile(r"(?<![\dA-Za-z.])0\d{2,3}-\d{7,8}(?!\d)"), "<phone>"),
    # A case link opens the case to whoever holds it, so it is as private as the case.
    (re.compile(r"(/(?:c|f/u|case)/)[A-Za-z0-9_-]{8,}"), r"\1<link>"),
    (re.compile(r"([?&](?:token|key|code|sig|o)=)[^&\s\"']+"), r"\1<secret>"),
]
PRIVATE_FIELDS = frozenset(
    {"name", "contact", "phone", "email", "address", "body", "text", "subject", "note", "reason"}
    | {"password", "token", "code", "authorization", "cookie"}
)


def redact_text(text: str) -> str:
    """The text with everything that looks like a person's contact replaced by a word saying what stood there."""
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


def redact_value(value: Any) -> Any:
    """A value of any shape, masked all the way down; numbers and truth values are left alone."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {key: redact_field(key, found) for key, found in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(found) for found in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(str(value))


def redact_field(name: Any, value: Any) -> Any:
    """A field's value; text under a private name goes whole, a number there (a status code) says nothing of anybody."""
    return "<private>" if name in PRIVATE_FIELDS and isinstance(value, str) and value else redact_value(value)


def redact(logger: Any, method_name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog's shape of the same: masks one line before it is printed."""
    for key, value in line.items():
        line[key] = redact_field(key, value)
    return line
