"""Logs: one line per happening, as JSON or for people, with request id and ticket number, never with personal data."""

import logging.config
from typing import Any

import structlog

from common.redaction import redact

PROBES = {"/healthz", "/readyz", "/metrics"}


def is_news(record: logging.LogRecord) -> bool:
    """Everything except the request lines of probes, which come every few seconds; their answer is the message."""
    message = record.msg if isinstance(record.msg, dict) else {}
    request = message.get("request") or getattr(record, "request", None)
    path = getattr(request, "path", None) or str(request or "").removeprefix("GET ")
    return path not in PROBES


def configure(options: dict[str, str]) -> None:
    """Set up the standard library's logging and structlog to print the same lines. Options: format, level."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    last: list[Any] = (
        [structlog.processors.JSONRenderer(ensure_ascii=False)]
        if options["format"] == "json"
        else [structlog.dev.ConsoleRenderer(colors=False)]
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
                    # Tracebacks become text before personal data is masked: an error message may quote a phone number.
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        redact,
                        *last,
                    ],
                }
            },
            "filters": {"news": {"()": lambda: is_news}},
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["news"]}},
            "root": {"handlers": ["out"], "level": options["level"]},
            "loggers": {
                "django": {"level": options["level"], "propagate": True},
                "django.server": {"handlers": [], "propagate": True},
                "django.request": {"level": "ERROR"},  # what people asked for in vain stands in the request lines
                "celery": {"level": options["level"]},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
