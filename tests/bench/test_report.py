"""The figures are told as they are: what misses its target stands out, and so does an answer nobody expected."""

from __future__ import annotations

import json

import pytest

from bench import report
from bench.client import Answer, Figures, measure, percentile
from bench.counting import PROCESSOR, STATEMENTS, CountStatements


class Served:
    """A client whose answers are known."""

    def __init__(self, status: int = 200) -> None:
        self.status, self.asked = status, 0

    def get(self, _path: str) -> Answer:
        self.asked += 1
        return Answer(self.status, b"x" * 2048, self.asked / 1000, 4 + self.asked % 2, 1.5, 2.5, {})

    def close(self) -> None:
        pass


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([5, 1, 2, 4, 3], 50) == 3
    assert percentile(range(1, 101), 95) == 95
    assert percentile([7], 95) == 7


def test_pages_are_asked_as_often_as_said_and_no_more() -> None:
    client = Served()
    figures = measure("page", [client], [lambda c: c.get("/")], count=20, warm=2, together=0)
    assert client.asked == 22
    assert (figures.asked, figures.p50, figures.p95) == (20, 12.0, 21.0)
    assert (figures.statements, figures.statements_most, figures.kilobytes) == (4, 5, 2.0)
    assert figures.errors == {}


def test_an_unexpected_answer_is_counted() -> None:
    figures = measure("page", [Served(500)], [lambda c: c.get("/")], count=3, warm=1, together=0)
    assert figures.errors == {"500": 3}


def figures_of(size: int, p50: float) -> dict:
    row = vars(Figures("queue", p50=p50, p95=50, statements=6, statements_most=9, per_second=60))
    facts = {"at": "now", "commit": "abc", "load": 0.1, "machine": {"cores": "2"}, "fill": {"everything": 10}}
    return {"size": size, "pages": [row], **facts}


def test_a_missed_target_is_bold_and_growth_is_told(tmp_path) -> None:
    report.write(figures_of(100_000, 20.0), tmp_path)
    text = report.write(figures_of(1_000_000, 41.0), tmp_path).read_text()
    assert "| queue | **41.0** | 50 | 60 |" in text
    assert "**2.05**" in text
    assert json.loads((tmp_path / "1000000.json").read_text())["pages"][0]["p50"] == 41.0


@pytest.mark.django_db
def test_every_statement_of_an_answer_is_counted(rf) -> None:
    from django.http import HttpResponse

    from accounts.models import Team

    def view(_request):
        return HttpResponse(str(Team.objects.count() + Team.objects.count()))

    answer = CountStatements(view)(rf.get("/"))
    assert answer[STATEMENTS] == "2"
    assert float(answer[PROCESSOR]) >= 0
