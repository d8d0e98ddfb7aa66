"""What an answer lacks is pointed out: a next step, and by when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.advice import VAGUE_EN, VAGUE_ZH, advise

GOOD = [
    "您好，照片看清了。我今天把照片给质检同事看，明天 12:00 前告诉您能不能退、怎么退。",
    "可以退。请您在 3 月 12 日前寄回，运费我们出。",
    "已经退款 199.00 元，3 个工作日内到账。",
    "周五下午我给您打电话。",
    "2 小时内主管王敏回复您。",
    "请把壶和底座一起寄回，地址在下面。",
    "We will call you tomorrow before 12:00.",
    "Please send us a photo of the leak.",
]
POOR = [
    "我会尽快联系您。",
    "请耐心等待，稍后会有同事处理。",
    "好的，收到了。",
    "非常抱歉给您带来不便，敬请谅解。",
    "We will get back to you as soon as possible.",
    "Thanks for your patience.",
    "明天 12:00 前我会尽快处理。",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_step_or_a_time_without_vague_words_needs_no_advice(text):
    assert not advise(text).is_needed, advise(text)


@pytest.mark.parametrize("text", POOR)
def test_vague_words_or_nothing_of_both_need_advice(text):
    assert advise(text).is_needed, advise(text)


@pytest.mark.parametrize("word", [*VAGUE_ZH, *VAGUE_EN])
def test_every_vague_word_is_named(word):
    assert word in advise(f"我们{word}回复您" if not word.isascii() else f"we answer {word} then").vague or any(
        word in found or found in word for found in advise(f"我们{word}回复您 {word} ").vague
    )


def test_the_first_word_comes_first_and_each_once():
    assert advise("稍后我会尽快，尽快回复").vague == ("稍后", "尽快")


def test_an_empty_text_needs_nothing():
    assert not advise("  \n ").is_needed


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(text):
    found = advise(text)
    assert all(word in text for word in found.vague)
