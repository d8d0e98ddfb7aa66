"""Each setting of the channels changes what leaves, and a wrong one is refused by its name."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from notifications import channels
from notifications.channels.mail import Mail
from notifications.channels.robot import Robot
from notifications.channels.sink import Sink
from notifications.channels.sms import Sms

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def load(monkeypatch):
    def load(**names: str) -> dict:
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config/settings.py"))

    return load


@pytest.mark.parametrize(
    ("names", "refused", "words"),
    [
        ({"HUIYIN_SMS_URL": "sms.example.cn", "HUIYIN_SMS_SECRET": "s"}, "HUIYIN_SMS_URL", "https://"),
        ({"HUIYIN_SMS_URL": "https://sms.example.cn"}, "HUIYIN_SMS_SECRET", "HUIYIN_SMS_URL is set"),
        ({"HUIYIN_ROBOT_URL": "ftp://x"}, "HUIYIN_ROBOT_URL", "https://"),
        ({"HUIYIN_ROBOT_KIND": "slack"}, "HUIYIN_ROBOT_KIND", "wecom, dingtalk, feishu"),
        ({"HUIYIN_ROBOT_SECRET": "s"}, "HUIYIN_ROBOT_SECRET", "no secret"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(load, names, refused, words):
    with pytest.raises(ImproperlyConfigured, match=f"^Setting {refused}: ") as refusal:
        load(**names)
    assert words in str(refusal.value)


def test_each_setting_is_read(load):
    assert load()["EMAIL_BACKEND"] == "notifications.channels.sink.SinkBackend"
    assert load()["SMS_URL"] == load()["ROBOT_URL"] == ""
    found = load(
        EMAIL_URL="smtp://mail.example.cn:25",
        HUIYIN_SMS_URL="https://sms.example.cn/send",
        HUIYIN_SMS_SECRET="s",
        HUIYIN_ROBOT_URL="https://robot.example.cn/hook",
        HUIYIN_ROBOT_KIND="feishu",
        HUIYIN_ROBOT_SECRET="r",
    )
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["SMS_URL"], found["SMS_SECRET"]) == ("https://sms.example.cn/send", "s")
    assert (found["ROBOT_URL"], found["ROBOT_KIND"]) == ("https://robot.example.cn/hook", "feishu")
    assert found["ROBOT_SECRET"] == "r"


def test_what_is_set_up_decides_where_a_message_goes(settings):
    settings.EMAIL_IS_SINK, settings.SMS_URL, settings.ROBOT_URL, settings.DEMO = True, "", "", False
    assert {type(channels.channel_for(name)) for name in ("mail", "sms", "robot")} == {Sink}
    settings.EMAIL_IS_SINK, settings.SMS_URL, settings.ROBOT_URL = False, "http://x", "http://y"
    assert [type(channels.channel_for(name)) for name in ("mail", "sms", "robot")] == [Mail, Sms, Robot]
    settings.SMS_URL = ""
    with pytest.raises(channels.Refused):
        channels.channel_for("sms")
    settings.DEMO = True
    assert type(channels.channel_for("sms")) is Sink
