"""The README's pictures: a sample alert's life and a digest as a page in Slack's style.

python -m deploy.preview                  # docs/alert.html
python -m deploy.preview --png chromium   # and docs/images/alert.png, buttons.png and digest.png, drawn by that browser
"""

from __future__ import annotations

import argparse
import base64
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from deploy import preview_samples as samples
from volteface.chart import Picture
from volteface.config import Config
from volteface.config_file import load_config
from volteface.mrkdwn import Span, spans, unescape
from volteface.slack_blocks import Block
from volteface.slack_render import Message

ROOT = Path(__file__).parents[1]
WIDTH, ALERT_HEIGHT, BUTTONS_HEIGHT, DIGEST_HEIGHT = 800, 1395, 895, 770
"""Pixels of the pictures, before they are doubled for sharp screens."""
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
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 10px }
.actions span { border: 1px solid #bbb; border-radius: 8px; padding: 4px 11px; font-size: 13px; font-weight: 700 }
.said { padding: 6px 20px; color: #616061; font-size: 13px; font-weight: 700; background: #f4f4f4 }
.count { padding: 0 20px 4px 66px; color: #1264a3; font-size: 13px; font-weight: 700 }
.thread { margin: 4px 20px 18px 66px; border-left: 1px solid #ddd }
.thread .post { padding: 8px 16px; max-width: 660px }
img { display: block; max-width: 560px; border: 1px solid #ddd; border-radius: 8px; margin: 6px 0 }
a { color: #1264a3; text-decoration: none }
"""


def page(posts: Iterable[str], channel: str) -> str:
    """A whole HTML page."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Messages of volteface</title>'
        f'<style>{STYLE}</style><div class="channel">{escape(channel)}</div>{"".join(posts)}</html>\n'
    )


def _post(message: Message, picture: str = "") -> str:
    """A message as it stands in a channel or thread; `picture`: an image below it instead of the blocks."""
    who = f'<b>volteface</b><span class="app">APP</span><small>{message.at:%H:%M}</small>'
    shown = [*message.blocks, *([message.buttons] if message.buttons else [])]
    blocks = picture or "\n".join(_block(block) for block in shown)
    return f'<div class="post"><div class="face">V</div><div><div class="who">{who}</div>\n{blocks}\n</div></div>'


def _thread(chart: Picture, lines: Sequence[Message], at: Message) -> str:
    """The chart, then the lines."""
    source = base64.b64encode(chart.png).decode()
    image = f'<p>{escape(chart.words)}</p><img src="data:image/png;base64,{source}" alt="{escape(chart.words)}">'
    count = len(lines) + 1
    replies = "".join([_post(at, image), *map(_post, lines)])
    return f'<div class="count">{count} replies</div><div class="thread">{replies}</div>'


def life(config: Config) -> list[str]:
    """The posts of the whole page: the alert in its four states, its thread, and the digest."""
    first, digest = samples.first(config), samples.digest(config)
    return [
        _said("As first posted"),
        _post(first),
        _said("The same message after a second origin"),
        _post(samples.confirmed(config)),
        _said("The same message after two people have pressed buttons"),
        _post(samples.judged(config)),
        _said("The same message after the walk-back, and its thread"),
        _post(samples.walked_back(config)),
        _thread(samples.picture(config), samples.thread(config), first),
        _said("The digest of the next morning"),
        _post(digest),
    ]


def _said(words: str) -> str:
    return f'<div class="said">{escape(words)}</div>'


def _block(block: Block) -> str:
    if block["type"] == "header":
        return f"<h1>{escape(unescape(block['text']['text']))}</h1>"
    if block["type"] == "context":
        return "".join(f'<div class="context">{_html(element["text"])}</div>' for element in block["elements"])
    if block["type"] == "actions":
        return f'<div class="actions">{"".join(map(_button, block["elements"]))}</div>'
    if "fields" in block:
        return '<div class="fields">' + "".join(f"<div>{_html(f['text'])}</div>" for f in block["fields"]) + "</div>"
    text = block["text"]["text"]
    quoted = text.startswith("> ")
    return f"<blockquote>{_html(text.removeprefix('> '))}</blockquote>" if quoted else f"<p>{_html(text)}</p>"


def _button(element: Block) -> str:
    """A button, or the button of a menu."""
    return f"<span>{escape(element['text']['text'])}</span>" if element["type"] == "button" else "<span>⋯</span>"


def _html(mrkdwn: str) -> str:
    return "".join(_span(span) for span in spans(mrkdwn)).replace("\n", "<br>")


def _span(span: Span) -> str:
    text = escape(span.text)
    if span.url:
        return f'<a href="{escape(span.url)}">{text}</a>'
    return f"<b>{text}</b>" if span.bold else f"<i>{text}</i>" if span.italic else text


def draw(browser: str, html: str, target: Path, height: int) -> None:
    """Photograph a page with a Chromium; raises CalledProcessError or FileNotFoundError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        source = Path(profile) / "page.html"
        source.write_text(html, encoding="utf-8")
        where = [f"--user-data-dir={profile}", f"--window-size={WIDTH},{height}", f"--screenshot={target}"]
        subprocess.run([browser, *FLAGS.split(), *where, source.as_uri()], check=True, capture_output=True, timeout=120)


def main() -> None:
    """Write the page and, if asked, the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--png", metavar="BROWSER", help="a Chromium, to draw docs/images/*.png")
    browser = parser.parse_args().png
    whole = load_config(ROOT / "config.yaml")
    config, channel = samples.desk(whole), whole.slack.channel
    html = ROOT / "docs" / "alert.html"
    html.write_text(page(life(config), channel), encoding="utf-8")
    print(html)
    if browser:
        told = samples.confirmed(config)
        thread = _thread(samples.picture(config), samples.thread(config, 1), told)
        for name, height, posts in (
            ("alert", ALERT_HEIGHT, [_post(told), thread]),
            ("buttons", BUTTONS_HEIGHT, [_post(samples.judged(config))]),
            ("digest", DIGEST_HEIGHT, [_post(samples.digest(config))]),
        ):
            target = ROOT / "docs" / "images" / f"{name}.png"
            draw(browser, page(posts, channel), target, height)
            print(target)


if __name__ == "__main__":
    main()
