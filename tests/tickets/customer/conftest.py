from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from PIL import Image

from accounts.models import PrivacyNotice
from tests.factories import NOW, make_organisation

PHONE = "138 0013 6021"
BODY = "水壶用了两次，壶底就开始漏水，想退货。"


@pytest.fixture(autouse=True)
def _product(db, settings, tmp_path) -> None:
    """A product that was set up, with a notice to read and a folder of its own for files."""
    settings.MEDIA_ROOT = tmp_path
    make_organisation(hotline="400-800-1234")
    if not PrivacyNotice.objects.exists():
        PrivacyNotice.objects.create(
            version=1, text_zh="我们只用来联系您。", text_en="Only to reach you.", published_at=NOW
        )


def picture(kind: str = "JPEG", size: tuple[int, int] = (1200, 800), colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def key_of(client: Client, path: str = "/file/") -> str:
    """The signed key that the form at `path` carries."""
    found = re.search(r'name="key" value="([^"]+)"', client.get(path).content.decode())
    assert found
    return found[1]


def file_with(client: Client, path: str = "/file/", **fields: object):
    """Fill in the form at `path` and send it, as a browser without scripts does."""
    fields.setdefault("key", key_of(client, path))
    return client.post(path, {"body": BODY, "contact": PHONE, "notice": "1", "website": "", **fields})
