"""Translations: built without GNU gettext, complete, and in words we say to customers."""

import gettext
import io
from pathlib import Path

import pytest

from common import catalogues

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

#. staff
msgid "Reply as soon as you can"
msgstr "尽快回复"

msgctxt "verb"
msgid "Open"
msgstr "打开"

msgid "%(count)s day left"
msgid_plural "%(count)s days left"
msgstr[0] "还剩 %(count)s 天"

msgid ""
"Two "
"lines\\n"
msgstr "两行\\n"

#, fuzzy
msgid "Unsure"
msgstr "不确定"

#~ msgid "Old"
#~ msgstr "旧"
"""


def project(root: Path, *, po: str = PO, template: str = "", code: str = "") -> Path:
    """A small project with one catalogue, one template and one module."""
    folder = root / "tickets/locale/zh_Hans/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(po)
    (root / "templates").mkdir()
    (root / "templates/page.html").write_text(template)
    (root / "tickets/views.py").write_text(code)
    return root


def test_a_catalogue_is_compiled_as_gettext_reads_it(tmp_path):
    project(tmp_path)
    written = catalogues.build(tmp_path)
    loaded = gettext.GNUTranslations(io.BytesIO(written[0].read_bytes()))
    assert loaded.gettext("Two lines\n") == "两行\n"
    assert loaded.pgettext("verb", "Open") == "打开"
    assert loaded.ngettext("%(count)s day left", "%(count)s days left", 3) == "还剩 %(count)s 天"
    assert loaded.gettext("Unsure") == "Unsure"
    assert catalogues.build(tmp_path) == []  # nothing changed, nothing written


def test_texts_are_found_in_code_and_templates(tmp_path):
    code = (
        "from django.utils.translation import gettext as t, pgettext\n"
        "a = t('Two ' 'lines\\n')\nb = pgettext('verb', 'Open')\nc = t(name)\n"
    )
    template = (
        "{% load i18n %}<p title=\"{% translate 'Reply as soon as you can' %}\">\n"
        "{% blocktranslate count count=n %}{{ count }} day left{% plural %}{{ count }} days left{% endblocktranslate %}"
        '{% translate "Open" context "verb" %}{{ _("Nobody") }}gettext("not code")</p>'
    )
    project(tmp_path, code=code, template=template)
    found = {(use.context, use.text, use.plural) for use in catalogues.uses(tmp_path)}
    assert found == {
        ("", "Two lines\n", ""),
        ("verb", "Open", ""),
        ("", "Reply as soon as you can", ""),
        ("", "%(count)s day left", "%(count)s days left"),
        ("", "Nobody", ""),
    }


@pytest.mark.parametrize(
    ("po", "fault"),
    [
        ('msgid "Soon"\nmsgstr "请耐心等待"', "puts customers off"),
        ('msgid "Dear"\nmsgstr "亲,您好"', "puts customers off"),
        ('msgid "By %(when)s"\nmsgstr "%(wann)s 前"', "placeholders"),
        ('msgid "Late"\nmsgstr ""', "no finished translation"),
        ('msgid "A"\nmsgstr "甲"\n\nmsgid "A"\nmsgstr "乙"', "translated differently"),
    ],
)
def test_a_faulty_translation_is_named(tmp_path, po, fault):
    project(tmp_path, po=po)
    assert [sentence for sentence in catalogues.faults(tmp_path) if fault in sentence]


@pytest.mark.parametrize("text", ["主管亲自回复", "请向亲友确认", "父亲"])
def test_words_that_only_contain_the_sign_are_fine(tmp_path, text):
    project(tmp_path, po=f'msgid "x"\nmsgstr "{text}"')
    assert catalogues.faults(tmp_path) == []


def test_a_text_without_a_translation_is_named_with_its_place(tmp_path):
    project(tmp_path, po="", template="{% load i18n %}\n{% translate 'Nobody' %}")
    assert catalogues.faults(tmp_path) == ["templates/page.html:2: “Nobody” has no translation"]


def test_an_f_string_is_refused(tmp_path):
    project(tmp_path, po="", code="from django.utils.translation import gettext as _\n_(f'Hello {name}')")
    with pytest.raises(ValueError, match="f-string"):
        catalogues.faults(tmp_path)
