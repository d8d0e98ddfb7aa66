"""Cases from other systems: kept, searched, counted; nobody is told, and the same file twice is the same cases."""

from __future__ import annotations

import csv
import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Merchant
from common.models import Outbox
from tests.factories import make_organisation, make_user
from tickets import actions, search
from tickets.models import FAR_FUTURE, CaseLink, Message, Status, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
HEADER = "external_id,opened_at,subject,body,status,contact,merchant,category"
KETTLE = "A1,2024-03-09 14:20,水壶漏水,水壶用了两次就漏水。,open,13800136021,云禾旗舰店,质量问题"


@pytest.fixture(autouse=True)
def _set_up() -> None:
    make_organisation()


def run(path: Path, **options: Any) -> dict[str, int]:
    out = StringIO()
    call_command("import_tickets", str(path), stdout=out, stderr=StringIO(), **options)
    counts: dict[str, int] = json.loads(out.getvalue().strip().splitlines()[-1])
    return counts


def table(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "cases.csv"
    path.write_text("\n".join(lines), encoding=encoding)
    return path


def rejects_of(path: Path) -> list[list[str]]:
    return list(csv.reader(StringIO(path.read_text(encoding="utf-8-sig"))))[1:]


def test_a_case_comes_in_with_its_shop_category_and_words(tmp_path: Path) -> None:
    assert run(table(tmp_path, HEADER, KETTLE)) == {
        "rows": 1, "created": 1, "updated": 0, "unchanged": 0, "rejected": 0,
    }  # fmt: skip
    ticket = Ticket.objects.get()
    assert (ticket.origin, ticket.status, ticket.opened_at.isoformat()) == (
        "import",
        "open",
        "2024-03-09T06:20:00+00:00",
    )
    assert (ticket.merchant.name, ticket.category.name_zh) == ("云禾旗舰店", "质量问题")
    assert ticket.customer.phone == "+8613800136021"
    assert search.find("漏水") == [ticket.pk]
    assert search.find("6021") == [ticket.pk]


def test_nobody_is_told_and_nothing_falls_due(tmp_path: Path) -> None:
    run(table(tmp_path, HEADER, KETTLE))
    assert Outbox.objects.count() == 0
    assert CaseLink.objects.count() == 0
    assert Ticket.objects.get().due_at == FAR_FUTURE
    assert not Message.objects.filter(author_kind="system").exists()


def test_the_same_file_again_creates_and_changes_nothing(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER, KETTLE)
    run(path)
    before = Ticket.objects.values().get()
    assert run(path)["unchanged"] == 1
    assert Ticket.objects.values().get() == before
    assert Merchant.objects.count() == 1


def test_a_later_state_of_a_case_is_followed_until_somebody_works_on_it(tmp_path: Path) -> None:
    run(table(tmp_path, HEADER, KETTLE))
    assert run(table(tmp_path, HEADER, KETTLE.replace(",open,", ",closed,")))["updated"] == 1
    assert Ticket.objects.get().status == Status.CLOSED
    actions.reopen(Ticket.objects.get(), actor=make_user(role="lead"), at=Ticket.objects.get().closed_at)
    assert run(table(tmp_path, HEADER, KETTLE.replace(",open,", ",closed,")))["unchanged"] == 1
    assert Ticket.objects.get().status == Status.OPEN


def test_rows_of_one_case_make_one_conversation(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "external_id,opened_at,body,message_at,message_author,message_text",
        "A1,2024-03-09 14:20,水壶漏水,,,",
        "B2,2024-03-09 15:00,少发了一件,,,",
        "A1,,,2024-03-09 15:06,staff,照片看清了，明天 12:00 前告诉您。",
        "A1,,,2024-03-09 21:30,customer,包装盒扔了，还能退吗？",
    )
    assert run(path) == {"rows": 4, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    kettle = Ticket.objects.get(external_id="A1")
    assert [(m.author_kind, m.body[:4]) for m in kettle.messages.order_by("at")] == [
        ("customer", "水壶漏水"),
        ("staff", "照片看清"),
        ("customer", "包装盒扔"),
    ]
    assert kettle.last_snippet == "包装盒扔了，还能退吗？"
    assert run(path)["unchanged"] == 2


def test_bad_rows_are_told_with_line_and_reason_and_good_ones_go_in(tmp_path: Path) -> None:
    path, rejects = (
        table(
            tmp_path,
            HEADER,
            KETTLE,
            "A2,,没有日期,x,open,,,",
            "A3,2024-03-09,x,x,vanished,,,",
            "A4,2024-03-09,x,x,open,12,,",
            "A5,31/31/2024,x,x,open,,,",
        ),
        tmp_path / "rejects.csv",
    )
    assert run(path, rejects=str(rejects)) == {"rows": 5, "created": 1, "updated": 0, "unchanged": 0, "rejected": 4}
    assert [row[0] for row in rejects_of(rejects)] == ["3", "4", "5", "6"]
    assert all(row[1] for row in rejects_of(rejects))


def test_a_result_before_the_beginning_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, "external_id,opened_at,body,resolved_at", "A1,2024-03-09 14:20,x,2024-03-08 10:00")
    assert run(path)["rejected"] == 1
    assert Ticket.objects.count() == 0


def test_a_day_without_a_time_is_midnight_and_says_so(tmp_path: Path) -> None:
    run(table(tmp_path, "external_id,opened_at,body", "A1,2024-03-09,x"))
    ticket = Ticket.objects.get()
    assert ticket.opened_at.isoformat() == "2024-03-08T16:00:00+00:00"
    assert "date_only" in ticket.tags


def test_closed_on_an_unknown_day_has_no_result_to_be_judged_by(tmp_path: Path) -> None:
    run(table(tmp_path, "external_id,opened_at,body,status", "A1,2024-03-09 14:20,x,closed"))
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.resolved_at, ticket.closed_at) == ("closed", None, ticket.opened_at)


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    assert run(table(tmp_path, HEADER, KETTLE), dry_run=True)["created"] == 1
    assert (Ticket.objects.count(), Merchant.objects.count()) == (0, 0)


def test_chinese_encodings_are_recognised_and_gz_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEADER, KETTLE]).encode("gb18030")))
    run(path)
    assert Ticket.objects.get().subject == "水壶漏水"


def test_a_wrong_map_is_one_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    wrong = tmp_path / "map.json"
    wrong.write_text('{"columns": {"opend_at": "Date"}}')
    with pytest.raises(CommandError, match="opend_at"):
        run(table(tmp_path, HEADER, KETTLE), map=str(wrong))
    assert Ticket.objects.count() == 0


def test_rows_without_an_id_are_the_same_case_next_time(tmp_path: Path) -> None:
    path = table(tmp_path, "opened_at,body", "2024-03-09 14:20,水壶漏水")
    assert run(path)["created"] == 1
    assert run(path)["unchanged"] == 1


def test_importing_takes_few_statements_for_many_cases(tmp_path: Path, django_assert_max_num_queries: Any) -> None:
    lines = [f"A{n},2024-03-09 14:{n % 60:02d},水壶漏水 {n},x,open,,云禾旗舰店,质量" for n in range(400)]
    path = table(tmp_path, HEADER, *lines)
    with django_assert_max_num_queries(60):
        assert run(path)["created"] == 400
    assert TicketEvent.objects.filter(kind="ticket.imported").count() == 400


@pytest.mark.parametrize("name", ["cfpb_2023", "cfpb_2015_28k"])
def test_the_maps_that_ship_are_right(name: str) -> None:
    from common.imports import ImportMap
    from tickets.imports import FIELDS

    assert (
        ImportMap.read(settings.ROOT / "docs" / "import" / f"{name}.json", FIELDS).columns["external_id"]
        == "Complaint ID"
    )
