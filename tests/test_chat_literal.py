"""Texts that are shown as they are: measured, cut, and searched for web addresses, alike on every platform."""

import pytest

from bot.chat.literal import addresses_in, cut, is_web_address, length


@pytest.mark.parametrize(
    ("url", "is_one"),
    [("https://a.example", True), ("HTTP://a", True), ("https://", False), ("ftp://a", False), ("//a", False),
     ("https://a b", False), ("https://[", False), ("", False), ("https://a:443", True), ("https://a:99999", False),
     ("https://a:b", False), ("https://a:0", False)],
)  # fmt: skip
def test_only_the_web_is_linked_to(url: str, is_one: bool) -> None:
    assert is_web_address(url) is is_one


def test_plain_text_is_cut_with_an_ellipsis_and_never_through_a_character() -> None:
    assert cut("  short ", 80) == "short"
    assert cut("x" * 81, 80) == "x" * 79 + "…"
    assert cut("🎉" * 41, 80) == "🎉" * 39 + "…"


def test_a_character_counts_as_much_as_it_does_where_it_counts_most() -> None:
    assert [length(each) for each in ("abc", "가", "🎉")] == [3, 1, 2]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://a.example, or https://b.example/x?y=1&z.", ["https://a.example", "https://b.example/x?y=1&z"]),
        ("(https://a.example) (https://a.example/x_(y))", ["https://a.example", "https://a.example/x_(y))"]),
        ("https://ko.example/를 https://ko.example가", ["https://ko.example/", "https://ko.example"]),
        ("<https://a.example|free> https://a.example:8080/x", ["https://a.example", "https://a.example:8080/x"]),
        ("http://localhost ftp://a.example xhttps://a.example", []),
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(text: str, addresses: list[str]) -> None:
    pieces = list(addresses_in(text))
    assert [piece for piece, is_address in pieces if is_address] == addresses
    assert "".join(piece for piece, _ in pieces) == text
