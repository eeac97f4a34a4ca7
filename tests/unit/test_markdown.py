"""Foreign text in the control room: the UI acts on whatever is not escaped."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volteface.chart import Picture
from volteface.markdown import WIDTH, Markup, inert, link, listed, picture, stacked, table, wrapped

HOSTILE = [
    "a | b",
    "`rm -rf`",
    "[click](javascript:alert(1))",
    "![seen](http://tracker.example/pixel.png)",
    "<img src=x onerror=alert(1)>",
    "line\nbreak\r\n| and | row |",
    "http://evil.example and www.evil.example or a@evil.example",
    "# head",
    "1. first",
    "**bold** __bold__ ~~gone~~ _soft_",
    "&#124; &lt;b&gt;",
    "back\\slash \\| trick",
    "\u202etxt.exe\u0000",
]
_BARE = re.compile(r"(?<!\\)(?:\\\\)*[`*~\[\]<>|!&@]")


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_stays_text(text: str) -> None:
    """A feed could run a script in the operator's browser, load a picture from elsewhere, or break a table."""
    shown = inert(text)

    assert not _BARE.search(shown)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\):(?=//)|(?i:www)\.", shown)
    assert not re.match(r"#|\d\.", shown)


@given(st.text(max_size=200))
def test_any_text_fills_one_cell(text: str) -> None:
    """One odd headline would shift every column after it."""
    row = table(("a", "b"), [(text, "x")]).splitlines()[2]

    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
    assert len(table(("a", "b"), [(text, "x")]).splitlines()) == 3


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://user@evil.example/", "ftp://x/", "", "http://[x"]
)
def test_only_web_addresses_are_linked(url: str) -> None:
    """A click in the control room would run what a feed has sent."""
    assert link(url, "label") == "label"


def test_link_ends_where_it_should() -> None:
    """A bracket in an address would end the link early, and what follows would be markup."""
    shown = link("https://x.example/a_(b)|c?d=1&e=[2]", "Gulf | [Wire]")

    assert shown == r"[Gulf \| \[Wire\]](https://x.example/a_%28b%29%7Cc?d=1&e=%5B2%5D)"


def test_long_text_is_cut_and_broken_into_lines() -> None:
    """The UI would cut the table off at the right, or show a page without end."""
    lines = wrapped("word " * 1000, limit=100).split("<br>")

    assert all(len(line) <= WIDTH for line in lines)
    assert lines[-1].endswith("…")
    assert sum(map(len, lines)) <= 100


def test_table_is_bounded() -> None:
    """A desk of thousands of feeds would get a page that no browser opens."""
    page = table(("n",), ((n,) for n in range(1000)), most=10)

    assert page.count("\n| ") == 11 - 1
    assert page.endswith("The first 10 are shown.")


def test_own_markup_passes() -> None:
    """Links and lines of our own would be shown as their source."""
    cell = stacked(link("https://x.example/", "one"), "", inert("two"))

    assert cell == "[one](https://x.example/)<br>two"
    assert f"| {cell} |" in table(("a",), [(cell,)])
    assert listed([Markup("**own**"), "*foreign*"]) == "- **own**\n- \\*foreign\\*"


def test_picture_is_within_the_page() -> None:
    """The browser would have to ask somebody for it."""
    shown = picture(Picture(b"\x89PNG", "position [of] X", "position.png"))

    assert shown == r"![position \[of\] X](data:image/png;base64,iVBORw==)"
