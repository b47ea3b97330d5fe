"""Messages put into words; the language of the environment."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from vcf.catalogue.model import Text
from vcf.judge.model import Message
from vcf.views import words
from vcf.views.words import default_lang, label, say, source_text, tell

NAMES = ("VCF_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def no_locale(monkeypatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_say() -> None:
    message = Message("torch-strange", {"torch": "2.x"})
    assert say(message, "en") == "torch 2.x is installed, a version that can't be read."
    assert say(message, "zh") == "已安装的 torch 版本 2.x 无法识别。"
    assert say(Message("no-gpu"), "en") == "This machine has no GPU."


def test_numbers_and_texts_as_values() -> None:
    told = say(Message("licence", {"notice": Text(en="Ask first.", zh="请先询问。")}), "zh")
    assert told == "请先询问。"
    buy = say(Message("action-buy", {"card": "RTX 3060", "count": 2, "of": 6}), "en")
    assert buy == "A RTX 3060 would make 2 of 6 models faster than real time."


def test_braces_in_values_are_text() -> None:
    assert "{need}" in say(Message("torch-strange", {"torch": "{need}{0}"}), "en")


def test_nothing_in_a_value_acts() -> None:
    told = say(Message("torch-strange", {"torch": "\x1b[31m\r\n\u202e"}), "en")
    assert told == "torch \ufffd[31m\ufffd\ufffd\ufffd is installed, a version that can't be read."
    assert len(say(Message("torch-strange", {"torch": "x" * 9999}), "en")) < 2100


def test_tell_and_label() -> None:
    text = Text(en="one", zh="一")
    assert (tell(text, "en"), tell(text, "zh")) == ("one", "一")
    assert (label("verdict", "en"), label("verdict", "zh")) == ("Verdict", "结论")


def test_sources(shipped) -> None:
    assert source_text(None, shipped) is None
    assert source_text("https://example.org/x", shipped) == "https://example.org/x"
    for key, source in shipped.sources.items():
        told = source_text(key, shipped)
        assert told is not None
        assert told.startswith(f"{source.title}, {source.date}")
        assert told.endswith(source.url or source.date)


@pytest.mark.parametrize("name", NAMES)
def test_each_variable_counts(name, monkeypatch) -> None:
    assert default_lang() == "en"
    monkeypatch.setenv(name, "zh_CN.UTF-8")
    assert default_lang() == "zh"


def test_order_of_the_variables(monkeypatch) -> None:
    for index, name in reversed(list(enumerate(NAMES))):
        monkeypatch.setenv(name, "zh" if index % 2 else "en_GB")
        assert default_lang() == ("zh" if index % 2 else "en")


@pytest.mark.parametrize(
    ("answer", "lang"), [(0x0804, "zh"), (0x0404, "zh"), (0x0409, "en"), (0x0411, "en")]
)
def test_windows(answer, lang, monkeypatch) -> None:
    import ctypes

    kernel = SimpleNamespace(GetUserDefaultUILanguage=lambda: answer)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(words, "os", SimpleNamespace(name="nt", environ={}))
    assert default_lang() == lang


def test_windows_without_windll(monkeypatch) -> None:
    import ctypes

    monkeypatch.delattr(ctypes, "windll", raising=False)
    monkeypatch.setattr(words, "os", SimpleNamespace(name="nt", environ={}))
    assert default_lang() == "en"
