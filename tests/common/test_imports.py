"""Reading other systems' tables: every way in which a file can be odd costs a row at most, and says why."""

import csv
import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import Workbook

from common.errors import Invalid
from common.imports import (
    BadRow,
    BadValue,
    Counts,
    Field,
    ImportMap,
    Moment,
    Rejects,
    Row,
    batches,
    parse_amount,
    parse_count,
    parse_moment,
    read_rows,
)

FIELDS = {
    "number": Field(longest=20, required=True),
    "text": Field(longest=40),
    "at": Field("moment"),
    "paid": Field("amount"),
    "pieces": Field("count"),
    "record": Field("json"),
}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes, name: str = "orders.csv", encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def read(path, data=None, **kwargs):
    return list(read_rows(path, FIELDS, ImportMap.of(data, FIELDS), **kwargs))


def test_headers_named_like_fields_need_no_map(write):
    path = write("number,text,at,paid,pieces,unknown\nA1,漏水,2026-03-09 14:30,199.00,2,x\n")
    assert read(path) == [
        Row(
            2,
            {
                "number": "A1",
                "text": "漏水",
                "at": Moment(datetime(2026, 3, 9, 6, 30, tzinfo=UTC), False),
                "paid": Decimal("199.00"),
                "pieces": 2,
            },
            ("A1", "漏水", "2026-03-09 14:30", "199.00", "2", "x"),
        )
    ]


def test_a_map_names_columns_by_header_or_place_and_translates_values(write):
    path = write("单号,状态,备注\nA1,已签收,\nA2,拒收,\nA3,,\n")
    found = read(
        path,
        {
            "columns": {"number": "单号", "text": 1},
            "values": {"text": {"已签收": "signed", "*": "other"}},
            "constants": {"pieces": "3"},
        },
    )
    assert [row.values for row in found] == [
        {"number": "A1", "text": "signed", "pieces": 3},
        {"number": "A2", "text": "other", "pieces": 3},
        {"number": "A3", "text": "other", "pieces": 3},
    ]


def test_a_constant_fills_empty_cells_only(write):
    path = write("number,text\nA1,own\nA2,\n")
    found = read(path, {"columns": {"number": "number", "text": "text"}, "constants": {"text": "none said"}})
    assert [row.values["text"] for row in found] == ["own", "none said"]


def test_headers_match_whatever_their_case_spaces_and_width(write):
    found = read(write("ＮＵＭＢＥＲ , Text\nA1,x\n"), {"columns": {"number": "Number", "text": "text"}})
    assert found[0].values == {"number": "A1", "text": "x"}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("number,text\nA1,电热水壶漏水\n", "utf-8"),
        ("number,text\nA1,电热水壶漏水\n", "utf-8-sig"),
        ("number,text\nA1,电热水壶漏水\n", "gb18030"),
        ("number,text\nA1,电热水壶漏水\n", "utf-16"),
    ],
)
def test_the_encoding_is_found(write, content, encoding):
    assert read(write(content, encoding=encoding))[0].values == {"number": "A1", "text": "电热水壶漏水"}


def test_a_chinese_file_after_long_latin_beginning_is_still_found(write):
    path = write("number,text\n" + "A1,plain\n" * 40_000 + "A2,电热水壶\n", encoding="gb18030")
    assert read(path)[-1].values == {"number": "A2", "text": "电热水壶"}


def test_the_wrong_encoding_for_the_header_is_said_in_a_sentence(write):
    path = write("单号,备注\nA1,漏水\n", encoding="gb18030")
    with pytest.raises(Invalid, match="can't be read as utf-8"):
        read(path, {"columns": {"number": "单号"}}, encoding="utf-8")


def test_bytes_that_are_no_text_cost_one_row(write):
    path = write("number,text\nA1,好\n".encode() + b"A2,\xff\xfe\n" + "A3,好\n".encode())
    found = read(path, encoding="utf-8")
    assert [type(row) for row in found] == [Row, BadRow, Row]
    assert (found[1].line, found[1].reason) == (3, "The row holds bytes that are no text in this encoding.")


def test_an_unknown_encoding_is_said_in_a_sentence(write):
    with pytest.raises(Invalid, match="no encoding called “utf-88”"):
        read(write("number\nA1\n"), encoding="utf-88")


def test_text_in_no_known_encoding_is_said_in_a_sentence(write):
    with pytest.raises(Invalid, match="neither UTF-8 nor GB18030"):
        read(write(b"number\n\x81\x20\xff\xff\n"))


def test_gzip_is_read_and_a_cut_off_one_is_said(write):
    packed = gzip.compress(("number,text\n" + "A1,x\n" * 5000).encode())
    assert len(read(write(packed, "orders.csv.gz"))) == 5000
    with pytest.raises(Invalid, match="cut off"):
        read(write(packed[: len(packed) // 2], "orders.csv.gz"))


def test_line_breaks_inside_quotes_keep_the_line_number_of_the_row(write):
    found = read(write('number,text\nA1,"one\ntwo"\nA2,x\n'))
    assert [(row.line, row.values["text"]) for row in found] == [(2, "one\ntwo"), (4, "x")]


def test_a_missing_quotation_mark_is_told_and_does_not_stop_the_file(write):
    found = read(write('number,text\nA1,"x\nA2,y\n'))
    assert [(row.line, row.reason) for row in found] == [
        (2, "A quotation mark is missing: 2 lines were read as one row.")
    ]
    found = read(write("number,text\nA1,x,y\nA2,y\n"))
    assert found[0].reason == "The row has 3 cells, the first row 2: is a quotation mark missing?"
    assert found[1].values == {"number": "A2", "text": "y"}


def test_a_field_longer_than_fits_says_how_much_fits(write):
    found = read(write(f"number,text\nA1,{'长' * 41}\nA2,{'长' * 40}\n"))
    assert found[0].reason == "text: 41 characters, at most 40 fit."
    assert len(found[1].values["text"]) == 40


def test_every_reason_of_a_row_is_told_at_once(write):
    found = read(write("number,at,paid,pieces\n,soon,1.999,-1\n"))
    assert found[0].reasons == (
        "number is missing.",
        "at: “soon” is no date; say how dates are written with date_formats in the map.",
        "paid: an amount has at most two decimals.",
        "pieces: “-1” is no whole number.",
    )


def test_a_zero_byte_costs_one_row(write):
    found = read(write(b"number,text\nA1,a\x00b\nA2,x\n"))
    assert [type(row) for row in found] == [BadRow, Row]


def test_empty_lines_are_no_rows_and_a_short_row_is_empty_at_its_end(write):
    found = read(write("number,text,pieces\n\nA1\n ,,\nA2,x\n"))
    assert [(row.line, row.values) for row in found] == [(3, {"number": "A1"}), (5, {"number": "A2", "text": "x"})]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_comma_semicolon_and_tab_separate(write, mark):
    assert read(write(f"number{mark}text\nA1{mark}x\n"))[0].values == {"number": "A1", "text": "x"}


def test_a_file_without_header_is_read_by_places(write):
    path = write("A1,2026-03-09\nA2,2026-03-10\n")
    assert len(read(path, {"columns": {"number": 0, "at": 1}})) == 2
    assert len(read(path, {"columns": {"number": 0}, "header": False})) == 2
    assert len(read(write("no,day\nA1,2026-03-09\n"), {"columns": {"number": 0, "at": 1}})) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file is empty."),
        ("a,b\n1,2\n", "None of the columns is known: a, b."),
    ],
)
def test_a_file_that_says_nothing_is_refused(write, content, sentence):
    with pytest.raises(Invalid, match=sentence):
        read(write(content))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "A map is a JSON object"),
        ({"colums": {}}, "“colums” is no part of a map"),
        ({"columns": {"nummer": "x"}}, "unknown field “nummer”. Did you mean “number”?"),
        ({"columns": {"number": -1}}, "a header or a number from 0"),
        ({"columns": {"number": True}}, "a header or a number from 0"),
        ({"columns": ["number"]}, "“columns” is a JSON object"),
        ({"values": {"text": "x"}}, "The values of “text” are a JSON object"),
        ({"date_formats": "%Y"}, "“date_formats” is a list"),
        ({"timezone": "Asia/Peking"}, "“Asia/Peking” is no time zone"),
        ({"header": "no"}, "“header” is true or false."),
    ],
)
def test_each_mistake_in_a_map_has_its_sentence(data, sentence):
    with pytest.raises(Invalid) as refused:
        ImportMap.of(data, FIELDS)
    assert sentence in str(refused.value.message)


def test_a_column_that_is_not_there_or_twice_is_named(write):
    path = write("number,text,text\nA1,x,y\n")
    with pytest.raises(Invalid, match="“text” stands over 2 columns"):
        read(path, {"columns": {"number": "number", "text": "text"}})
    with pytest.raises(Invalid, match=r"There is no column “numbr”\. Did you mean “number”"):
        read(path, {"columns": {"number": "numbr"}})
    with pytest.raises(Invalid, match=r"The file has 3 columns; the map asks for more in: text\."):
        read(path, {"columns": {"number": "number", "text": 3}})


def test_a_map_file_that_is_not_json_says_where(write):
    with pytest.raises(Invalid, match="is not JSON: line 2, column 1"):
        ImportMap.read(write('{"columns": {}\n', "map.json"), FIELDS)
    with pytest.raises(Invalid, match="can't be opened"):
        ImportMap.read("/nowhere/map.json", FIELDS)


@pytest.mark.parametrize(
    ("text", "at", "date_only"),
    [
        ("2026-03-09", datetime(2026, 3, 8, 16, tzinfo=UTC), True),
        ("2026-03-09T14:30:05.250+08:00", datetime(2026, 3, 9, 6, 30, 5, 250_000, tzinfo=UTC), False),
        ("2026-03-09 14:30:05Z", datetime(2026, 3, 9, 14, 30, 5, tzinfo=UTC), False),
        ("2026/3/9 14:30", datetime(2026, 3, 9, 6, 30, tzinfo=UTC), False),
        ("2026年3月9日", datetime(2026, 3, 8, 16, tzinfo=UTC), True),
        ("２０２６-０３-０９ 00:00", datetime(2026, 3, 8, 16, tzinfo=UTC), False),
    ],
)
def test_dates_are_read_as_people_write_them(text, at, date_only):
    assert parse_moment(text, ImportMap.of({"timezone": "Asia/Shanghai"}, FIELDS)) == Moment(at, date_only)


def test_date_formats_of_the_map_and_its_zone_decide():
    map_ = ImportMap.of({"date_formats": ["%m/%d/%Y", "%m/%d/%Y %H:%M"], "timezone": "America/New_York"}, FIELDS)
    assert parse_moment("03/09/2026", map_) == Moment(datetime(2026, 3, 9, 4, tzinfo=UTC), True)
    assert parse_moment("12/09/2026 10:00", map_) == Moment(datetime(2026, 12, 9, 15, tzinfo=UTC), False)
    with pytest.raises(BadValue, match="is no date"):
        parse_moment("2026/03/09", map_)


@pytest.mark.parametrize("text", ["2026-02-30", "0026-03-09", "9999-03-09", "yesterday", "2026-03-09T25:00"])
def test_an_impossible_date_is_no_date(text):
    with pytest.raises(BadValue):
        parse_moment(text, ImportMap.of({}, FIELDS))


@pytest.mark.parametrize(
    ("text", "amount"),
    [("199", "199.00"), ("¥1,199.5", "1199.50"), ("１９９.００ 元", "199.00"), ("1,234,567.89 CNY", "1234567.89")],
)
def test_amounts_are_read_as_people_write_them(text, amount):
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["-1", "1.999", "1e5", "NaN", "12,34", "99999999999", "免费"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(BadValue):
        parse_amount(text)


def test_counts_are_whole_numbers_that_fit():
    assert (parse_count("2.0"), parse_count("２")) == (2, 2)
    for text in ("2.5", "-2", "2147483648", "二"):
        with pytest.raises(BadValue):
            parse_count(text)


def test_an_excel_file_is_read_with_its_dates_and_phones(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append(["number", "text", "at", "paid", "pieces"])
    sheet.append([13800136021, True, datetime(2026, 3, 9, 14, 30), 199.1, 2.0])
    sheet.append(["A2", None, date(2026, 3, 9), None, None])
    book.save(tmp_path / "orders.xlsx")
    found = read(
        tmp_path / "orders.xlsx", {"timezone": "Asia/Shanghai"} | {"columns": {n: n for n in list(FIELDS)[:5]}}
    )
    assert found[0].values == {
        "number": "13800136021",
        "text": "true",
        "at": Moment(datetime(2026, 3, 9, 6, 30, tzinfo=UTC), False),
        "paid": Decimal("199.10"),
        "pieces": 2,
    }
    assert found[1].values == {"number": "A2", "at": Moment(datetime(2026, 3, 8, 16, tzinfo=UTC), True)}


def test_what_is_no_excel_file_is_said(write):
    with pytest.raises(Invalid, match="old Excel file"):
        read(write(b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "orders.xls"))
    with pytest.raises(Invalid, match="not a whole Excel file"):
        read(write(b"PK\x03\x04 broken", "orders.xlsx"))


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(Invalid, match="can't be read"):
        read("/nowhere/orders.csv")


def test_rejects_keep_line_reason_and_the_row_as_it_was(tmp_path):
    with Rejects(tmp_path / "bad.csv") as rejects:
        rejects.add(7, "number is missing.", ["", "漏水", "\udcff"])
    with (tmp_path / "bad.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["line", "reason", "row"], ["7", "number is missing.", "", "漏水", "\\udcff"]]
    assert rejects.count == 1


def test_the_last_line_is_json_with_five_counts():
    assert json.loads(Counts(rows=3, created=2, rejected=1).line()) == {
        "rows": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
    }


def test_batches_hold_at_most_so_many():
    assert [len(batch) for batch in batches(iter(range(7)), 3)] == [3, 3, 1]
