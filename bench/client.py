"""People and programs as the web sees them: one kept connection each, on this machine only, bounded in number and time."""

from __future__ import annotations

import http.client
import json
import math
import secrets
import statistics
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from bench.counting import MILLISECONDS, PROCESSOR, STATEMENTS

TIMEOUT = 120


@dataclass
class Answer:
    status: int
    body: bytes
    seconds: float
    statements: int
    sql_ms: float
    cpu_ms: float
    headers: Mapping[str, str]


class Client:
    """One browser or program: its session or token, and an address of its own behind our proxy."""

    def __init__(self, port: int, *, session: str = "", token: str = "", address: str = "") -> None:
        self.port = port
        self.csrf = secrets.token_hex(16)
        cookies = {"huiyin_csrf": self.csrf} | ({"huiyin_session": session} if session else {})
        self.headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if token:
            self.headers = {"Authorization": f"Token {token}"}
        self.address = address
        self.connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, values: Mapping[str, str], *, address: str = "") -> Answer:
        """Send a form."""
        body = urllib.parse.urlencode({**values, "csrfmiddlewaretoken": self.csrf}).encode()
        kind = "application/x-www-form-urlencoded"
        return self.send("POST", path, body, {"Content-Type": kind, "X-CSRFToken": self.csrf}, address=address)

    def post_json(self, path: str, value: Any, headers: Mapping[str, str] = {}) -> Answer:
        return self.send("POST", path, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        address: str = "",
    ) -> Answer:
        """One request; a kept connection that the server has closed meanwhile is opened again."""
        sent = {**self.headers, "Accept-Language": "zh-CN", **(headers or {})}
        if address or self.address:
            sent["X-Forwarded-For"] = address or self.address
        began = time.perf_counter()
        for is_second_try in (False, True):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
                self.connection.connect()
            try:
                self.connection.request(method, path, body, sent)
                response = self.connection.getresponse()
                content = response.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()
                if is_second_try:
                    raise
        seconds = time.perf_counter() - began
        found = {name.lower(): value for name, value in response.getheaders()}
        if response.will_close:
            self.close()
        return Answer(
            response.status,
            content,
            seconds,
            int(found.get(STATEMENTS.lower(), -1)),
            float(found.get(MILLISECONDS.lower(), 0)),
            float(found.get(PROCESSOR.lower(), 0)),
            found,
        )

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


Ask = Callable[[Client], Answer]


@dataclass
class Figures:
    """What was measured of one kind of request. Times in milliseconds."""

    name: str
    p50: float = 0
    p95: float = 0
    #: As a rule, and at most: counts and names on pages are kept for seconds, and somebody has to read them again.
    statements: int = 0
    statements_most: int = 0
    sql_ms: float = 0
    #: Processor time of the web process itself, which a busy machine does not change much.
    cpu_ms: float = 0
    kilobytes: float = 0
    asked: int = 0
    per_second: float = 0
    clients: int = 0
    p95_together: float = 0
    errors: dict[str, int] = field(default_factory=dict)


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed."""
    found = sorted(values)
    return found[max(0, math.ceil(len(found) * percent / 100) - 1)] if found else math.nan


def measure(
    name: str,
    clients: list[Client],
    asks: list[Ask],
    *,
    expect: tuple[int, ...] = (200,),
    count: int = 50,
    warm: int = 8,
    seconds: float = 8,
    together: float = 4,
) -> Figures:
    """Ask `count` times with the first client, no longer than `seconds`; then with all of them for `together` seconds.

    `asks` are taken in turn, so that not the same row is read again and again.
    """
    figures = Figures(name, clients=len(clients))
    ring = cycle(asks)
    for _turn in range(warm):
        _checked(figures, next(ring)(clients[0]), expect)
    figures.errors.clear()
    answers: list[Answer] = []
    until = time.monotonic() + seconds
    while len(answers) < count and time.monotonic() < until:
        answers.append(_checked(figures, next(ring)(clients[0]), expect))
    took = [answer.seconds * 1000 for answer in answers]
    figures.p50, figures.p95 = round(percentile(took, 50), 1), round(percentile(took, 95), 1)
    figures.statements = int(statistics.median(answer.statements for answer in answers))
    figures.statements_most = max(answer.statements for answer in answers)
    figures.sql_ms = round(statistics.median(answer.sql_ms for answer in answers), 1)
    figures.cpu_ms = round(statistics.median(answer.cpu_ms for answer in answers), 1)
    figures.kilobytes = round(statistics.median(len(answer.body) for answer in answers) / 1024, 1)
    figures.asked = len(answers)
    if together:
        figures.per_second, figures.p95_together = at_once(figures, clients, asks, expect, together)
    for client in clients:
        client.close()
    return figures


def at_once(
    figures: Figures, clients: list[Client], asks: list[Ask], expect: tuple[int, ...], seconds: float
) -> tuple[float, float]:
    """All clients together; answers per second and the 95th percentile in milliseconds. Each takes its own share."""
    times: list[float] = []
    lock = threading.Lock()
    until = time.monotonic() + seconds

    def work(place: int) -> None:
        mine = cycle(asks[place :: len(clients)] or asks)
        while time.monotonic() < until:
            answer = _checked(figures, next(mine)(clients[place]), expect)
            with lock:
                times.append(answer.seconds * 1000)

    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(len(times) / (time.monotonic() - began), 1), round(percentile(times, 95), 1)


def _checked(figures: Figures, answer: Answer, expect: tuple[int, ...]) -> Answer:
    if answer.status not in expect:
        figures.errors[str(answer.status)] = figures.errors.get(str(answer.status), 0) + 1
    return answer


def getting(path: str) -> Ask:
    return lambda client: client.get(path)
