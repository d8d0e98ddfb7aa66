"""Reads translation catalogues (.po), writes what gettext loads (.mo), and finds every text that needs a translation.

Pure Python and no Django set-up: machines without GNU gettext can build and check all languages.
"""

import ast
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("common", "calendars", "accounts", "orders", "tickets", "sla", "notifications")
LANGUAGE = "zh_Hans"

Key = tuple[str, str]  # context ("" for none) and the English text

# Words that put a customer off instead of telling them when; a text only staff read says so with `#. staff`.
OFF_PUTTING = re.compile(r"亲爱的|(?<![父母双探相至])亲(?![自属友身人密手切戚生临历])|尽快|敬请谅解|耐心等待")
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0 +-]*\d*(?:\.\d+)?[a-zA-Z]|%(s|d|f|\.\d+f)|\{(\w*)[^{}\s]*\}")


@dataclass
class Entry:
    """One text of a catalogue: English, its translation(s), and what stands in its comments."""

    path: Path
    line: int
    context: str = ""
    text: str = ""
    plural: str = ""
    translations: list[str] = field(default_factory=list)
    notes: str = ""
    is_fuzzy: bool = False

    @property
    def key(self) -> Key:
        return self.context, self.text

    @property
    def is_translated(self) -> bool:
        return bool(self.translations) and all(self.translations) and not self.is_fuzzy


@dataclass(frozen=True)
class Use:
    """A place in code or in a template that shows a text."""

    path: Path
    line: int
    context: str
    text: str
    plural: str = ""


def catalogues(root: Path = ROOT) -> list[Path]:
    """Every .po file of the project, in a stable order."""
    places = [root / "locale", *(root / app / "locale" for app in APPS)]
    return sorted(path for place in places for path in place.glob("*/LC_MESSAGES/*.po"))


def read(path: Path) -> list[Entry]:
    """The entries of one catalogue, without its header and obsolete ones. Raises ValueError on a broken line."""
    entries: list[Entry] = []
    entry, target = Entry(path, 0), ""

    def finish() -> None:
        nonlocal entry, target
        if entry.text:
            entries.append(entry)
        entry, target = Entry(path, 0), ""

    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#~"):
            finish()
        elif line.startswith("#"):
            if target:
                finish()
            entry.notes += line + "\n"
            entry.is_fuzzy |= line.startswith("#,") and "fuzzy" in line
        else:
            word, text = parse_line(path, number, line)
            if word in {"msgctxt", "msgid"} and target.startswith("msgstr"):
                finish()
            target = word or target
            if word == "msgid":
                entry.line = number
            add_text(entry, target, text, starts=bool(word))
    finish()
    return entries


def parse_line(path: Path, number: int, line: str) -> tuple[str, str]:
    """`msgid "text"` -> ("msgid", "text"); a line that only continues has no word."""
    found = re.fullmatch(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)?\s*"(.*)"', line)
    if not found:
        raise ValueError(f"{path}:{number}: this line is neither a text nor a comment")
    return found[1] or "", unescape(found[2])


def unescape(text: str) -> str:
    """The four escapes that catalogues use."""
    known = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: known.get(found[1], found[0]), text)


def add_text(entry: Entry, target: str, text: str, *, starts: bool) -> None:
    """Put one line's text where it belongs; `starts` when the line carried the keyword itself."""
    if target == "msgctxt":
        entry.context += text
    elif target == "msgid":
        entry.text += text
    elif target == "msgid_plural":
        entry.plural += text
    elif starts:
        entry.translations.append(text)
    elif entry.translations:
        entry.translations[-1] += text


def compiled(entries: list[Entry]) -> bytes:
    """The .mo file of a catalogue; texts without a finished translation are left out and show in English."""
    rows: dict[bytes, bytes] = {
        b"": b"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n",
    }
    for entry in entries:
        if entry.is_translated:
            text = f"{entry.context}\x04{entry.text}" if entry.context else entry.text
            key = f"{text}\x00{entry.plural}" if entry.plural else text
            rows[key.encode()] = "\x00".join(entry.translations).encode()
    keys = sorted(rows)
    count, first = len(keys), 28
    texts_at = first + 16 * count
    originals, translations, blob = b"", b"", b""
    for data in keys:
        originals += struct.pack("<II", len(data), texts_at + len(blob))
        blob += data + b"\x00"
    for data in map(rows.__getitem__, keys):
        translations += struct.pack("<II", len(data), texts_at + len(blob))
        blob += data + b"\x00"
    header = struct.pack("<IIIIIII", 0x950412DE, 0, count, first, first + 8 * count, 0, 0)
    return header + originals + translations + blob


def build(root: Path = ROOT) -> list[Path]:
    """Write the .mo beside every .po that is newer; returns what was written."""
    written = []
    for path in catalogues(root):
        target = path.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
            partial = target.with_suffix(f".{os.getpid()}.tmp")
            partial.write_bytes(compiled(read(path)))
            partial.replace(target)  # whole or not at all: a web process may be reading it
            written.append(target)
    return written


# --- which texts are shown --------------------------------------------------------------------------------------

# function -> how its first arguments are to be read
FUNCTIONS = {
    "gettext": ("text",),
    "gettext_lazy": ("text",),
    "gettext_noop": ("text",),
    "ngettext": ("text", "plural"),
    "ngettext_lazy": ("text", "plural"),
    "pgettext": ("context", "text"),
    "pgettext_lazy": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
    "npgettext_lazy": ("context", "text", "plural"),
}
LITERAL = r"(?:[uU]?'(?:\\.|[^'\\])*'|[uU]?\"(?:\\.|[^\"\\])*\")"
IN_TEMPLATE = re.compile(rf"\b(gettext|pgettext|ngettext|npgettext|_)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")


def uses_in_python(path: Path, source: str) -> Iterator[Use]:
    """Every call of a gettext function with a plain text. Raises ValueError for an f-string: no catalogue holds it."""
    tree = ast.parse(source, str(path))
    names = {"_": "gettext"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = names.get(called.id, "") if isinstance(called, ast.Name) else getattr(called, "attr", "")
        shape = FUNCTIONS.get(name)
        if shape and len(node.args) >= len(shape):
            arguments = node.args[: len(shape)]
            if any(isinstance(argument, ast.JoinedStr) for argument in arguments):
                raise ValueError(f"{path}:{node.lineno}: an f-string cannot be translated; use %(name)s")
            texts = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
            if len(texts) == len(shape) and all(isinstance(text, str) for text in texts):
                yield Use(path, node.lineno, **{"context": "", **dict(zip(shape, map(str, texts), strict=True))})


def uses_in_template(path: Path, source: str) -> Iterator[Use]:
    """Every text of a template, by Django's own reading of its tags."""
    from django.utils.translation.template import templatize

    shown = templatize(source, origin=str(path))
    for found in IN_TEMPLATE.finditer(shown):
        shape = FUNCTIONS["gettext" if found[1] == "_" else found[1]]
        texts = ast.literal_eval(f"({found[2]},)")
        line = shown.count("\n", 0, found.start()) + 1
        if len(texts) >= len(shape):
            yield Use(path, line, **{"context": "", **dict(zip(shape, texts, strict=False))})


def uses(root: Path = ROOT) -> Iterator[Use]:
    """Every text the product shows, from code and templates."""
    for folder in ("config", *APPS):
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from uses_in_python(path, path.read_text(encoding="utf-8"))
    for path in sorted((root / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            yield from uses_in_template(path, path.read_text(encoding="utf-8"))


def placeholders(text: str) -> set[str]:
    """The names (or kinds) of what is filled into a text."""
    return {"".join(part or "" for part in found) for found in PLACEHOLDER.findall(text.replace("%%", ""))}


def faults(root: Path = ROOT, *, provided: frozenset[str] = frozenset()) -> list[str]:
    """Everything wrong with the translations, one sentence each, empty when all is well.

    `provided` are English texts that Django and its packages already bring a translation for.
    """
    found: list[str] = []
    known: dict[Key, Entry] = {}
    for path in catalogues(root):
        if path.parent.parent.name != LANGUAGE:
            continue
        where = path.relative_to(root)
        for entry in read(path):
            place = f"{where}:{entry.line}"
            if entry.is_fuzzy or not entry.is_translated:
                found.append(f"{place}: “{entry.text}” has no finished translation")
                continue
            earlier = known.setdefault(entry.key, entry)
            if earlier.translations != entry.translations:
                other = f"{earlier.path.relative_to(root)}:{earlier.line}"
                found.append(f"{place}: “{entry.text}” is translated differently in {other}; give one a context")
            for translation in entry.translations:
                found += faults_of_translation(place, entry, translation)
    for use in uses(root):
        translated = known.get((use.context, use.text))
        place = f"{use.path.relative_to(root)}:{use.line}"
        if translated is None:
            if use.text.strip() and (use.context or use.text not in provided):
                found.append(f"{place}: “{use.text}” has no translation")
        elif bool(use.plural) != bool(translated.plural):
            found.append(f"{place}: “{use.text}” has a plural in one place and none in another")
    return sorted(set(found))


def faults_of_translation(place: str, entry: Entry, translation: str) -> list[str]:
    """What is wrong with one translation as such."""
    found = []
    if placeholders(translation) != placeholders(entry.plural or entry.text):
        found.append(f"{place}: the placeholders of “{entry.text}” and of its translation differ")
    if "#. staff" not in entry.notes and (word := OFF_PUTTING.search(translation)):
        found.append(f"{place}: “{word[0]}” puts customers off; say by when instead (or mark it `#. staff`)")
    return found
