"""How long a text message may be, and how it is made to fit. Pure.

A text with one character outside the GSM alphabet is sent as UCS-2: 70 units in one part, 67 in each of several.
Every text of ours begins with 【signature】, so that is the only case. Units are UTF-16: an emoji takes two.
"""

from __future__ import annotations

ONE_PART, EACH_OF_SEVERAL = 70, 67
PARTS = 2
LONGEST = PARTS * EACH_OF_SEVERAL
LONGEST_SIGNATURE = 12
_ENDS = "。；！？.;!?"
_PAUSES = "，、：,: "


def units(text: str) -> int:
    """What a text costs, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def parts(text: str) -> int:
    """How many parts it is sent in; the gateway charges for each."""
    length = units(text)
    return 1 if length <= ONE_PART else -(-length // EACH_OF_SEVERAL)


def clip(text: str, most: int) -> str:
    """The beginning of `text` in at most `most` units; an emoji is not cut in half, and a cut is shown by “…”."""
    if units(text) <= most:
        return text
    kept, room = "", most - 1
    for letter in text:
        room -= units(letter)
        if room < 0:
            break
        kept += letter
    return f"{kept}…" if most > 0 else ""


def compose(signature: str, text: str, call: str, link: str) -> str:
    """【signature】text call link, in at most two parts. The link is never cut; the text loses whole sentences from
    its end, or clauses or characters where that would take more than half. Raises
    ValueError when the link alone leaves no room.
    """
    head = f"【{clip(' '.join(signature.split()).strip('【】'), LONGEST_SIGNATURE)}】"
    tail = f"{call}{link}"
    if units(head) + units(tail) > LONGEST:
        tail = link
    room = LONGEST - units(head) - units(tail)
    if room < 0:
        raise ValueError("the link is too long for a text message")
    return f"{head}{_shorten(' '.join(text.split()), room)}{tail}"


def _shorten(text: str, room: int) -> str:
    if units(text) <= room:
        return text
    for ends, suffix in ((_ENDS, ""), (_PAUSES, "…")):
        for at in range(len(text) - 1, -1, -1):
            kept = text[: at + 1] if not suffix else text[:at] + suffix
            # A point inside a figure ("199.00") ends nothing.
            inside = text[at] in ".,:" and at + 1 < len(text) and not text[at + 1].isspace()
            if text[at] in ends and not inside and room // 2 <= units(kept) <= room:
                return kept
    return clip(text, room)
