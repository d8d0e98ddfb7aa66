"""A text message fits two parts, keeps its link whole and begins with the shop's signature."""

from __future__ import annotations

import random

import pytest

from notifications.texts import LONGEST, clip, compose, parts, units

LINK = "https://help.example.cn/c/Ab3dEfGh4jKmN/"


@pytest.mark.parametrize(("length", "count"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_70_characters_are_one_part_and_67_each_of_several(length, count):
    assert parts("字" * length) == count


def test_an_emoji_takes_two():
    assert units("😡") == 2
    assert clip("😡😡", 3) == "😡…"
    assert clip("😡😡", 2) == "…"


def test_what_fits_is_left_alone():
    assert compose("晨光", "王敏回复您了。", "查看：", LINK) == f"【晨光】王敏回复您了。查看：{LINK}"


def test_whole_sentences_go_first_from_the_end():
    text = "说好今天 16:20 前回复您，我们没做到，对不起。" + "还没有同事接手。" * 12
    made = compose("晨光", text, "查看：", LINK)
    assert made.startswith("【晨光】说好今天 16:20 前回复您，我们没做到，对不起。还没有同事接手。")
    assert made.endswith(f"还没有同事接手。查看：{LINK}")
    assert LONGEST - 8 < units(made) <= LONGEST


def test_a_point_inside_a_figure_ends_no_sentence():
    made = compose("晨光", "退款 199.00 元" + "字" * 200, "", LINK)
    assert "退款 199.00 元" in made
    assert not made.removesuffix(LINK).endswith("199.")


def test_a_long_signature_is_cut_and_brackets_are_not_doubled():
    made = compose("【晨光电器官方旗舰店（自营）】", "好。", "", LINK)
    assert made.startswith("【晨光电器官方旗舰店（自…】")
    assert made.count("【") == 1


def test_a_link_that_leaves_no_room_is_refused():
    with pytest.raises(ValueError, match="too long"):
        compose("晨光", "好。", "查看：", "https://" + "a" * 130)


def test_any_text_fits_two_parts_with_its_link_whole():
    rng = random.Random(9)
    letters = "说好前回复您，我们没做到。对不起！王敏 16:20 😡\n\tabc.,;：…“”"
    for _ in range(3000):
        text = "".join(rng.choices(letters, k=rng.randrange(0, 400)))
        signature = "".join(rng.choices("晨光电器旗舰店😡", k=rng.randrange(1, 40)))
        link = f"https://{'h' * rng.randrange(1, 70)}.cn/c/Ab3dEfGh4jKmN/"
        made = compose(signature, text, "查看：", link)
        assert made.endswith(link)
        assert made.startswith("【")
        assert parts(made) <= 2 and units(made) <= LONGEST
