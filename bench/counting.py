"""How many SQL statements an answer took, how long they took, and our own processor time, as response headers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

STATEMENTS, MILLISECONDS, PROCESSOR = "X-Bench-Statements", "X-Bench-Sql-Ms", "X-Bench-Cpu-Ms"


class CountStatements:
    """The outermost middleware: what sessions, sign-in and every panel ask is counted, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        count, seconds, began_at = 0, 0.0, time.thread_time()

        def counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal count, seconds
            began = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                count += 1
                seconds += time.perf_counter() - began

        with connection.execute_wrapper(counted):
            response = self.get_response(request)
        response[STATEMENTS] = str(count)
        response[MILLISECONDS] = f"{seconds * 1000:.2f}"
        response[PROCESSOR] = f"{(time.thread_time() - began_at) * 1000:.2f}"
        return response
