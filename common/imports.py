"""Reading tables that other systems export, row by row: CSV (gzip allowed) and XLSX, with a map that says what is what.

Nothing here writes to the database, and nothing reads the whole file into memory. A row that can't be used becomes a
`BadRow` with its line number and every reason at once; a file that can't be used at all raises Invalid.

The map (JSON): `{"columns": {field: header or index from 0}, "values": {field: {raw: ours}},
"constants": {field: value}, "date_formats": [strptime formats], "timezone": "Asia/Shanghai",
"header": false if the first row is data already}`.
In `values` the key "*" stands for every raw value that is not named.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common.errors import Invalid

#: A cell longer than this is a lost quotation mark, not a text.
LONGEST_CELL: Final = 2_000_000
SAMPLE: Final = 1 << 20  # bytes looked at to tell the encoding
KEYS: Final = frozenset({"columns", "values", "constants", "date_formats", "timezone", "header"})
FIRST_YEAR, LAST_YEAR = 1970, 2199
HIGHEST_AMOUNT: Final = Decimal("9999999999.99")

#: Tried when the map names no formats of its own; what ISO 8601 writes is always understood.
USUAL_FORMATS: Final = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日%H时%M分",
    "%Y年%m月%d日",
    "%Y%m%d",
)
_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})"
    r"(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?)\s*(Z|z|[+-]\d{2}:?\d{2})?)?$"
)


@dataclass(frozen=True)
class Field:
    """What may stand in a field. kind = text | moment | amount | count | json; `longest` in characters."""

    kind: str = "text"
    longest: int = 255
    required: bool = False


Fields = Mapping[str, Field]


class BadValue(ValueError):
    """What stands in a cell can't be used; the text is a sentence for the person who made the file."""


@dataclass(frozen=True)
class Moment:
    """An instant (aware, UTC); `date_only` when the source gave a day and no time, which is 00:00 of that day."""

    at: datetime
    date_only: bool


@dataclass(frozen=True)
class Row:
    """A good row: `line` is where it begins in the file, `values` holds only the fields that say something."""

    line: int
    values: dict[str, Any]
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class BadRow:
    """A row that can't be used, and why."""

    line: int
    reasons: tuple[str, ...]
    cells: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        return " ".join(self.reasons)


@dataclass
class Counts:
    """What an import did; `line()` is the last line that it prints."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    def line(self) -> str:
        return json.dumps(vars(self))


@dataclass(frozen=True)
class ImportMap:
    """A checked map. `of` is the only way to make one from what somebody wrote."""

    columns: Mapping[str, str | int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ()
    zone: tzinfo = UTC
    has_header: bool | None = None

    @classmethod
    def of(cls, data: Any, fields: Fields, *, timezone: str = "Asia/Shanghai") -> ImportMap:
        """Check a map against the fields of an import. Raises Invalid with a sentence per mistake."""
        data = {} if data is None else data
        if not isinstance(data, Mapping):
            raise Invalid(_("A map is a JSON object with “columns”."))
        wrong = [
            _("“%(key)s” is no part of a map; parts are %(keys)s.") % {"key": key, "keys": _list(KEYS)}
            for key in sorted(set(data) - KEYS)
        ]
        columns, values, constants = (_part(data, key, fields, wrong) for key in ("columns", "values", "constants"))
        for name, column in columns.items():
            if (
                isinstance(column, bool)
                or not isinstance(column, str | int)
                or (isinstance(column, int) and column < 0)
            ):
                wrong.append(_("The column of “%(name)s” is a header or a number from 0.") % {"name": name})
        for name, table in values.items():
            if not isinstance(table, Mapping):
                wrong.append(_("The values of “%(name)s” are a JSON object: raw and ours.") % {"name": name})
        formats = data.get("date_formats") or ()
        if isinstance(formats, str) or not all(isinstance(text, str) for text in formats):
            wrong.append(_('“date_formats” is a list of texts such as "%Y-%m-%d".'))
        zone = _zone(str(data.get("timezone") or timezone))
        if zone is None:
            wrong.append(_("“%(name)s” is no time zone; one looks like Asia/Shanghai.") % {"name": data["timezone"]})
        header = data.get("header")
        if header is not None and not isinstance(header, bool):
            wrong.append(_("“header” is true or false."))
        if wrong:
            raise Invalid(_("The map can't be used.") + " " + " ".join(wrong), errors={"map": wrong})
        return cls(columns, values, constants, tuple(formats), zone or UTC, header)

    @classmethod
    def read(cls, path: Path | str | None, fields: Fields, *, timezone: str = "Asia/Shanghai") -> ImportMap:
        """The map in a file, or the empty one, with which headers are named like fields. Raises Invalid."""
        if path is None:
            return cls.of({}, fields, timezone=timezone)
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise Invalid(
                _("The map %(path)s can't be opened: %(why)s") % {"path": path, "why": error.strerror}
            ) from None
        except UnicodeDecodeError:
            raise Invalid(_("The map %(path)s is not UTF-8 text.") % {"path": path}) from None
        except json.JSONDecodeError as error:
            raise Invalid(
                _("The map %(path)s is not JSON: line %(line)d, column %(column)d.")
                % {"path": path, "line": error.lineno, "column": error.colno}
            ) from None
        return cls.of(data, fields, timezone=timezone)


def _part(data: Mapping[str, Any], key: str, fields: Fields, wrong: list[str]) -> Mapping[str, Any]:
    part = data.get(key) or {}
    if not isinstance(part, Mapping):
        wrong.append(_("“%(key)s” is a JSON object: field and what stands for it.") % {"key": key})
        return {}
    for name in sorted(set(part) - set(fields)):
        near = get_close_matches(name, fields, 1)
        hint = _(" Did you mean “%(name)s”?") % {"name": near[0]} if near else ""
        wrong.append(_("“%(key)s” names the unknown field “%(name)s”.") % {"key": key, "name": name} + hint)
    return part


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


# --- Files -> cells ---------------------------------------------------------------------------------------------------
def read_rows(
    path: Path | str, fields: Fields, import_map: ImportMap, *, encoding: str | None = None
) -> Iterator[Row | BadRow]:
    """Every row of the file as the map reads it, good or bad, in file order. Raises Invalid for the file as a whole."""
    with open_cells(path, encoding) as lines:
        first = next(lines, None)
        if first is None:
            raise Invalid(_("The file is empty."))
        line, header, _problem = first
        header = [_clean_header(cell) for cell in header]
        if _damaged(header):
            raise wrong_encoding(encoding)
        by_name = any(isinstance(column, str) for column in import_map.columns.values()) or not import_map.columns
        if by_name:
            places = _places(header, fields, import_map)
        else:
            places = {name: int(column) for name, column in import_map.columns.items()}
        width = len(header)
        is_data = import_map.has_header is False or (
            import_map.has_header is None and not by_name and _looks_like_data(header, places, fields, import_map)
        )
        beyond = [name for name, place in places.items() if place >= width]
        if beyond:
            raise Invalid(
                _("The file has %(width)d columns; the map asks for more in: %(names)s.")
                % {"width": width, "names": _list(beyond)}
            )
        if is_data:
            yield _read_row(line, first[1], "", places, width, fields, import_map)
        for line, cells, problem in lines:
            if not problem and not any(cell.strip() for cell in cells):
                continue  # an empty line says nothing
            yield _read_row(line, cells, problem, places, width, fields, import_map)


Cells = Iterator[tuple[int, list[str], str]]


@contextmanager
def open_cells(path: Path | str, encoding: str | None = None) -> Iterator[Cells]:
    """The cells of a file as texts: (line where the row begins, cells, what is wrong with the row or "")."""
    path = Path(path)
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
            raw.seek(0)
            if start[:4] == b"PK\x03\x04":
                with _workbook(raw) as lines:
                    yield lines
                return
            if start == b"\xd0\xcf\x11\xe0":
                raise Invalid(_("This is an old Excel file (.xls). Save it as .xlsx or CSV and try again."))
            stream: Any = gzip.GzipFile(fileobj=raw) if start[:2] == b"\x1f\x8b" else raw
            yield _csv_cells(stream, encoding)
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise Invalid(_("The compressed file is damaged.")) from None
        raise Invalid(
            _("The file %(path)s can't be read: %(why)s") % {"path": path, "why": error.strerror or str(error)}
        ) from None
    except EOFError:
        raise Invalid(_("The compressed file ends too early; it was probably cut off on its way.")) from None


def guess_encoding(sample: bytes) -> str:
    """UTF-8 if the bytes are that, else GB18030 (which holds GBK and GB2312) if they are that. Raises Invalid."""
    if sample.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for name in ("utf-8", "gb18030"):
        try:
            # Not final: a character may be cut off where the sample ends.
            codecs.getincrementaldecoder(name)("strict").decode(sample)
        except UnicodeDecodeError:
            continue
        return name
    raise Invalid(
        _("The text is neither UTF-8 nor GB18030. Save the file as UTF-8, or say which encoding it is with --encoding.")
    )


def wrong_encoding(name: str | None) -> Invalid:
    """The sentence for a file whose very header can't be read with the encoding that was asked for."""
    return Invalid(
        _("The file can't be read as %(name)s. Leave --encoding out to have it found, or try gb18030 or utf-8.")
        % {"name": name or "UTF-8"}
    )


def _csv_cells(stream: IO[bytes], encoding: str | None) -> Cells:
    sample = stream.read(SAMPLE)
    stream.seek(0)
    if not sample:
        return
    name = encoding or guess_encoding(sample)
    if name.lower().replace("_", "-") in ("utf-8", "utf8"):
        name = "utf-8-sig"
    try:
        # Bytes that are no characters are kept as marks, so that they cost one row and not the file.
        text = io.TextIOWrapper(stream, encoding=name, errors="surrogateescape", newline="")
    except LookupError:
        raise Invalid(
            _("There is no encoding called “%(name)s”; usual are utf-8 and gb18030.") % {"name": name}
        ) from None
    csv.field_size_limit(LONGEST_CELL)
    try:
        head = sample.decode(name, "replace").lstrip("\ufeff").splitlines()[:1]
    except UnicodeError:
        raise wrong_encoding(encoding) from None
    quotes = 0

    def lines() -> Iterator[str]:
        nonlocal quotes
        for text_line in text:
            quotes += text_line.count('"')
            yield text_line

    reader = csv.reader(lines(), delimiter=_delimiter(head[0] if head else ""))
    while True:
        line = reader.line_num + 1
        quotes = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = _("The row can't be told apart (a quotation mark is missing?): %(why)s") % {"why": error}
            yield line, [], problem
            continue
        except UnicodeError:
            raise wrong_encoding(encoding) from None
        # A quotation mark that is never closed swallows every row up to the end of the file.
        lost = quotes % 2 and reader.line_num > line
        problem = _("A quotation mark is missing: %(count)d lines were read as one row.")
        yield line, cells, problem % {"count": reader.line_num - line + 1} if lost else ""


def _delimiter(head: str) -> str:
    """The one that occurs most in the first line: comma, tab or semicolon."""
    return max((",", "\t", ";"), key=head.count)


@contextmanager
def _workbook(raw: IO[bytes]) -> Iterator[Cells]:
    """The first sheet of an XLSX file, streamed."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(raw, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError):
        raise Invalid(_("This is not a whole Excel file (.xlsx). Save it again, or as CSV.")) from None
    try:
        sheet = book.worksheets[0]
        # Some programs write a wrong size into the file, and whole columns would be missing.
        sheet.reset_dimensions()  # type: ignore[union-attr]

        def lines() -> Cells:
            width = 0
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                texts = [_cell_text(cell) for cell in cells]
                while texts and not texts[-1] and len(texts) > width:
                    texts.pop()
                width = width or len(texts)
                yield number, texts, ""

        yield lines()
    finally:
        book.close()


def _cell_text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        is_day = value.time() == time(0) and "h" not in str(cell.number_format).lower()
        return value.date().isoformat() if is_day else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        # 13800136021.0 is a phone, and 199.1 must not become 199.09999999999999.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


# --- Cells -> values --------------------------------------------------------------------------------------------------
def _clean_header(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).replace("\ufeff", "").strip()


def _damaged(cells: Iterable[str]) -> bool:
    return any("\udc80" <= char <= "\udcff" for cell in cells for char in cell)


def _places(header: Sequence[str], fields: Fields, import_map: ImportMap) -> dict[str, int]:
    """Where each field stands. Without columns in the map a header stands for the field of the same name."""
    folded = [name.casefold() for name in header]
    columns: Mapping[str, str | int] = import_map.columns
    if not columns:
        columns = {name: name for name in fields if name.casefold() in folded}
        if not columns:
            raise Invalid(
                _("None of the columns is known: %(found)s. Name them in a map (--map).")
                % {"found": _list(header[:12])}
            )
    places: dict[str, int] = {}
    wrong: list[str] = []
    for name, column in columns.items():
        if isinstance(column, int):
            places[name] = column
            continue
        wanted = _clean_header(column).casefold()
        found = [place for place, text in enumerate(folded) if text == wanted]
        if len(found) == 1:
            places[name] = found[0]
        elif found:
            wrong.append(
                _("“%(column)s” stands over %(count)d columns; name one by its number.")
                % {"column": column, "count": len(found)}
            )
        else:
            near = get_close_matches(wanted, folded, 1)
            hint = _(" Did you mean “%(name)s”?") % {"name": header[folded.index(near[0])]} if near else ""
            wrong.append(_("There is no column “%(column)s”.") % {"column": column} + hint)
    if wrong:
        raise Invalid(" ".join(wrong), errors={"map": wrong})
    return places


def _looks_like_data(header: Sequence[str], places: Mapping[str, int], fields: Fields, import_map: ImportMap) -> bool:
    """Whether the first row is data already: a column of moments holds a moment there."""
    for name, place in places.items():
        if fields[name].kind == "moment" and place < len(header) and header[place]:
            try:
                parse_moment(header[place], import_map)
            except BadValue:
                continue
            return True
    return False


def _read_row(  # noqa: PLR0917 - one caller, one row at a time
    line: int,
    cells: Sequence[str],
    problem: str,
    places: Mapping[str, int],
    width: int,
    fields: Fields,
    import_map: ImportMap,
) -> Row | BadRow:
    kept = tuple(cells)
    if problem:
        return BadRow(line, (problem,), kept)
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        sentence = _("The row has %(count)d cells, the first row %(width)d: is a quotation mark missing?")
        return BadRow(line, (sentence % {"count": len(cells), "width": width},), kept)
    if _damaged(cells):
        return BadRow(line, (_("The row holds bytes that are no text in this encoding."),), kept)
    values: dict[str, Any] = {}
    reasons: list[str] = []
    for name, kind in fields.items():
        place = places.get(name)
        text = cells[place] if place is not None and place < len(cells) else ""
        try:
            value = _value(name, text, kind, import_map)
        except BadValue as wrong:
            reasons.append(f"{name}: {wrong}")
            continue
        if value is not None:
            values[name] = value
        elif kind.required:
            reasons.append(_("%(name)s is missing.") % {"name": name})
    return BadRow(line, tuple(reasons), kept) if reasons else Row(line, values, kept)


def _value(name: str, text: str, kind: Field, import_map: ImportMap) -> Any:
    """The value of one cell, or None when it says nothing. Raises BadValue."""
    if "\x00" in text:
        raise BadValue(_("the cell holds a zero byte."))
    raw = text.strip()
    table = import_map.values.get(name)
    found: Any = raw
    if table is not None:
        found = table.get(raw, table.get("*", raw))
    if found in ("", None):
        found = import_map.constants.get(name)
    if found in ("", None):
        return None
    if kind.kind == "json":
        return parse_json(found)
    words = found if isinstance(found, str) else json.dumps(found) if isinstance(found, dict | list) else str(found)
    if kind.kind == "moment":
        return parse_moment(words, import_map)
    if kind.kind == "amount":
        return parse_amount(words)
    if kind.kind == "count":
        return parse_count(words)
    if len(words) > kind.longest:
        raise BadValue(
            _("%(count)d characters, at most %(longest)d fit.") % {"count": len(words), "longest": kind.longest}
        )
    return words


def parse_moment(text: str, import_map: ImportMap) -> Moment:
    """An instant from text: ISO 8601, then the map's formats (or the usual ones); without offset in the map's zone.

    Raises BadValue.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if found := _ISO.match(text):
        day, clock, offset = found.groups()
        offset = "+00:00" if offset in ("Z", "z") else offset or ""
        try:
            at = datetime.fromisoformat(day if clock is None else f"{day}T{clock.replace(',', '.')}{offset}")
        except ValueError:
            raise BadValue(_no_date(text)) from None
        return _moment(at, clock is None, import_map)
    for pattern in import_map.date_formats or USUAL_FORMATS:
        try:
            at = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is given below
        except ValueError:
            continue
        return _moment(at, not re.search(r"%[HIXcspT]", pattern), import_map)
    raise BadValue(_no_date(text))


def _moment(at: datetime, date_only: bool, import_map: ImportMap) -> Moment:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise BadValue(_("the year %(year)d can't be right.") % {"year": at.year})
    aware = at if at.tzinfo else at.replace(tzinfo=import_map.zone)
    return Moment(aware.astimezone(UTC), date_only)


def _no_date(text: str) -> str:
    return _("“%(text)s” is no date; say how dates are written with date_formats in the map.") % {"text": text[:40]}


def parse_amount(text: str) -> Decimal:
    """An amount of money with at most two decimals, not negative. Raises BadValue."""
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = re.sub(r"^(?:CNY|RMB|¥)\s*|\s*(?:元|CNY|RMB)$", "", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", plain)
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", plain):
        raise BadValue(_("“%(text)s” is no amount.") % {"text": text[:40]})
    amount = Decimal(plain)
    if amount < 0:
        raise BadValue(_("an amount is not negative."))
    if amount > HIGHEST_AMOUNT:
        raise BadValue(_("the amount is too large."))
    if amount != amount.quantize(Decimal("0.01")):
        raise BadValue(_("an amount has at most two decimals."))
    return amount.quantize(Decimal("0.01"))


def parse_count(text: str) -> int:
    """A whole number from 0 to 2,147,483,647. Raises BadValue."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    if not re.fullmatch(r"\d{1,10}", plain) or int(plain) > 2_147_483_647:
        raise BadValue(_("“%(text)s” is no whole number.") % {"text": text[:40]})
    return int(plain)


def parse_json(value: Any) -> Any:
    """An object: as it stands in a map's constant, or as JSON text in a cell. Raises BadValue."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        raise BadValue(_("“%(text)s” is not JSON.") % {"text": value[:40]}) from None


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names) if isinstance(names, set | frozenset) else names)


# --- What comes out ---------------------------------------------------------------------------------------------------
class Rejects:
    """The file of rows that did not go in: line, reason, and the row as it was, so that it can be corrected and sent
    again. Without a path it only counts. Use as a context manager."""

    def __init__(self, path: Path | str | None) -> None:
        self.path = Path(path) if path else None
        self.count = 0
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Rejects:
        if self.path:
            try:
                self._file = self.path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="")
            except OSError as error:
                raise Invalid(
                    _("The rejects file %(path)s can't be written: %(why)s")
                    % {"path": self.path, "why": error.strerror}
                ) from None
            self._writer = csv.writer(self._file)
            self._writer.writerow(["line", "reason", "row"])
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._file:
            self._file.close()

    def add(self, line: int, reason: str, cells: Sequence[str] = ()) -> None:
        self.count += 1
        if self._writer:
            self._writer.writerow([line, reason, *cells])


def batches(rows: Iterable[Row | BadRow], size: int) -> Iterator[list[Row | BadRow]]:
    """Lists of at most `size` rows, so that each can be one transaction."""
    batch: list[Row | BadRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
