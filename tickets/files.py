"""What a file really is. Names and declared types are hearsay: only the content counts.

Pictures are drawn anew, which turns HEIC into JPEG, removes the position and whatever else hides in them, and
proves that they are pictures. Everything else is kept byte for byte and only ever served as a download.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import PurePath

import filetype
import pillow_heif
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from common.errors import Invalid

pillow_heif.register_heif_opener()

#: Bytes of one file.
LARGEST = 20 * 1024 * 1024
#: Pixels on the longer side of a kept picture and of its preview.
PICTURE_SIDE = 2560
PREVIEW_SIDE = 480
#: A picture of more pixels than this is an attack, not a photo.
MOST_PIXELS = 80_000_000

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/heif", "image/avif"})
DOCUMENTS = frozenset({"application/pdf", "video/mp4", "video/quicktime", "audio/mpeg", "audio/mp4", "audio/amr"})


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its own content, not what it said of itself."""

    name: str
    media_type: str
    content: bytes
    sha256: str
    preview: bytes | None = None
    width: int | None = None
    height: int | None = None


def check(name: str, content: bytes) -> Checked:
    """Look into a file; raises Invalid with a sentence for whoever sent it.

    `sha256` is that of the content as sent, so that the same photo sent twice can be told.
    """
    if not content:
        raise _refusal(_("“%(name)s” is empty. Please choose the file again."), name)
    if len(content) > LARGEST:
        raise _refusal(_("“%(name)s” is larger than 20 MB. Please send a smaller one, or a photo of it."), name)
    digest = hashlib.sha256(content).hexdigest()
    media_type = _type_of(content)
    if media_type in PICTURES:
        return _picture(name, content, digest)
    if media_type in DOCUMENTS:
        return Checked(_safe_name(name), media_type, content, digest)
    raise _refusal(
        _("“%(name)s” is none of the kinds we can open: photos, PDF, MP4 or MOV videos, MP3 or M4A recordings."), name
    )


def _type_of(content: bytes) -> str:
    guess = filetype.guess(content[:4096])
    if guess is not None:
        return {"video/x-m4v": "video/mp4", "audio/x-m4a": "audio/mp4", "audio/m4a": "audio/mp4"}.get(
            guess.mime, guess.mime
        )
    # Newer phones write HEIF brands that the table of magic numbers does not know.
    return "image/heic" if content[4:8] == b"ftyp" and pillow_heif.is_supported(content) else ""


def _picture(name: str, content: bytes, digest: str) -> Checked:
    try:
        image: Image.Image = Image.open(io.BytesIO(content))
        if image.width * image.height > MOST_PIXELS:
            raise _refusal(_("“%(name)s” has too many pixels. Please send a smaller picture."), name)
        image = ImageOps.exif_transpose(image)
        has_alpha = image.mode in {"RGBA", "LA", "P"}
        image = image.convert("RGBA" if has_alpha else "RGB")
    except Invalid:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, EOFError) as error:
        raise _refusal(
            _("“%(name)s” looks like a picture but can't be opened. Please take it again or send another."), name
        ) from error
    image.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
    kept, media_type, ending = (
        (_encode(image, "PNG"), "image/png", ".png") if has_alpha else (_encode(image, "JPEG"), "image/jpeg", ".jpg")
    )
    width, height = image.size
    small = image.convert("RGB")
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return Checked(
        _safe_name(PurePath(name).stem + ending), media_type, kept, digest, _encode(small, "JPEG"), width, height
    )


def _encode(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **({"quality": 86, "optimize": True} if kind == "JPEG" else {"optimize": True}))
    return out.getvalue()


def _safe_name(name: str) -> str:
    """The last part of a name without control characters, at most 120 characters of it."""
    last = PurePath(name.replace("\\", "/")).name or "file"
    clean = "".join(letter for letter in last if letter.isprintable())
    return clean[-120:] or "file"


def _refusal(sentence: str, name: str) -> Invalid:
    message = sentence % {"name": _safe_name(name)}
    return Invalid(message, errors={"file": [message]})
