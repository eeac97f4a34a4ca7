"""The README's picture: the blocks of a sample alert as a page in Slack's style.

python -m deploy.preview                  # docs/alert.html
python -m deploy.preview --png chromium   # and docs/images/alert.png, drawn by that browser
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from volteface.config import Config, Feed
from volteface.config_file import load_config
from volteface.mrkdwn import Span, spans, unescape
from volteface.slack_blocks import Block
from volteface.slack_render import Message, render
from volteface.types import AlertState, Evidence, Shift

ROOT = Path(__file__).parents[1]
SIZE = (800, 760)
"""Pixels of the picture, before it is doubled for sharp screens."""
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --force-device-scale-factor=2"
)
STYLE = """
body { margin: 0; font: 15px/1.47 Lato, "Liberation Sans", Arial, sans-serif; color: #1d1c1d; background: #fff }
.channel { padding: 14px 20px; border-bottom: 1px solid #ddd; font-weight: 900; font-size: 18px }
.post { display: flex; gap: 10px; padding: 18px 20px; max-width: 740px }
.face { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #2b3a55; color: #fff; font-weight: 700;
        text-align: center; line-height: 36px }
.who b { font-weight: 900 } .who small { color: #616061 }
.app { font-size: 10px; font-weight: 700; background: #eee; color: #616061; padding: 1px 4px; border-radius: 2px;
       margin: 0 6px 0 4px; vertical-align: 1px }
h1 { font-size: 18px; line-height: 1.33; margin: 10px 0 8px }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; margin: 4px 0 10px }
p { margin: 8px 0 4px; white-space: pre-line }
blockquote { margin: 4px 0; padding: 0 0 0 12px; border-left: 4px solid #ddd }
.context { color: #616061; font-size: 12px; margin: 2px 0 10px }
a { color: #1264a3; text-decoration: none }
"""


def sample(config: Config) -> Message:
    """An alert on a move of March 2025, in the words of the demo's outlets."""
    outlets = {"Tehran Herald": ("IR", "state-aligned"), "Gulf Wire": ("AE", "independent")}
    feeds = tuple(_feed(outlet, *told) for outlet, told in outlets.items())
    return render(
        _sample_shift(), config.model_copy(update={"feeds": feeds}), ("1 of 3 sources on Iran cannot be read",)
    )


def _sample_shift() -> Shift:
    return Shift(
        key="5d1c0a77e2b94f3386d1",
        at=datetime(2025, 3, 11, 13, 14, tzinfo=UTC),
        side="iran",
        holder="iran_president",
        person="Masoud Pezeshkian",
        axis="negotiation",
        direction="away",
        before=0.4,
        after=-0.7,
        since=datetime(2025, 2, 10, tzinfo=UTC),
        state=AlertState.CONFIRMED,
        confidence=0.93,
        evidence=(
            _evidence(
                "Tehran Herald",
                1,
                datetime(2025, 3, 11, 11, 45, tzinfo=UTC),
                "President Pezeshkian said on Tuesday that he would not negotiate while being threatened, and told the "
                "American president to do as he pleased.",
            ),
            _evidence(
                "Gulf Wire",
                2,
                datetime(2025, 3, 11, 13, 10, tzinfo=UTC),
                "Iranian President Masoud Pezeshkian ruled out talks with the United States on Tuesday as long as it "
                "gives orders and makes threats.",
            ),
        ),
        prior=(
            _evidence(
                "Tehran Herald",
                3,
                datetime(2025, 2, 10, 10, 20, tzinfo=UTC),
                "President Masoud Pezeshkian told a rally that Iran is open to dialogue with the United States, though "
                "never under coercion.",
            ),
        ),
        origins=2,
    )


def _evidence(outlet: str, origin: int, published: datetime, quote: str) -> Evidence:
    url = f"https://{outlet.lower().replace(' ', '-')}.example/{origin}"
    return Evidence(outlet, url, quote, published, origin, person="Masoud Pezeshkian")


def _feed(outlet: str, country: str, ownership: str) -> Feed:
    name = outlet.lower().replace(" ", "_")
    plain = {"id": name, "url": f"https://{name}.example/feed", "outlet": outlet, "language": "en"}
    return Feed.model_validate(plain | {"country": country, "ownership": ownership})


def page(message: Message, channel: str) -> str:
    """A whole HTML page."""
    blocks = "\n".join(_block(block) for block in message.blocks)
    who = f'<b>volteface</b><span class="app">APP</span><small>{message.at:%H:%M}</small>'
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>An alert of volteface</title>'
        f'<style>{STYLE}</style><div class="channel">{escape(channel)}</div><div class="post"><div class="face">V</div>'
        f'<div><div class="who">{who}</div>\n{blocks}\n</div></div></html>\n'
    )


def _block(block: Block) -> str:
    if block["type"] == "header":
        return f"<h1>{escape(unescape(block['text']['text']))}</h1>"
    if block["type"] == "context":
        return "".join(f'<div class="context">{_html(element["text"])}</div>' for element in block["elements"])
    if "fields" in block:
        return '<div class="fields">' + "".join(f"<div>{_html(f['text'])}</div>" for f in block["fields"]) + "</div>"
    text = block["text"]["text"]
    quoted = text.startswith("> ")
    return f"<blockquote>{_html(text.removeprefix('> '))}</blockquote>" if quoted else f"<p>{_html(text)}</p>"


def _html(mrkdwn: str) -> str:
    return "".join(_span(span) for span in spans(mrkdwn)).replace("\n", "<br>")


def _span(span: Span) -> str:
    text = escape(span.text)
    if span.url:
        return f'<a href="{escape(span.url)}">{text}</a>'
    return f"<b>{text}</b>" if span.bold else f"<i>{text}</i>" if span.italic else text


def draw(browser: str, source: Path, target: Path) -> None:
    """Photograph a page with a Chromium; raises CalledProcessError or FileNotFoundError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        size = ",".join(map(str, SIZE))
        where = [f"--user-data-dir={profile}", f"--window-size={size}", f"--screenshot={target}"]
        subprocess.run([browser, *FLAGS.split(), *where, source.as_uri()], check=True, capture_output=True, timeout=60)


def main() -> None:
    """Write the page and, if asked, the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--png", metavar="BROWSER", help="a Chromium, to draw docs/images/alert.png")
    browser = parser.parse_args().png
    config = load_config(ROOT / "config.yaml")
    html = ROOT / "docs" / "alert.html"
    html.write_text(page(sample(config), config.slack.channel), encoding="utf-8")
    print(html)
    if browser:
        picture = ROOT / "docs" / "images" / "alert.png"
        draw(browser, html, picture)
        print(picture)


if __name__ == "__main__":
    main()
