"""OPML, in which feed readers exchange their subscriptions: feeds of a config out, rows for a config in.

What OPML has no attribute for (id, family, country, ownership, covers, page, bounds of the interval) travels in a
namespace of our own, which other readers pass over; so a config's feeds survive the way out and back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree  # type: ignore[import-untyped]

from volteface.config import COUNTRY_FORM, ID_FORM, LANGUAGE_FORM, Feed, Ownership
from volteface.entries import web_link
from volteface.errors import VoltefaceError
from volteface.markup import local_name, plain_line

NAMESPACE = "urn:volteface:opml"
MAX_BYTES = 5_000_000
_OURS = ("id", "family", "country", "ownership", "covers", "page", "min_interval_s", "max_interval_s")
_NOT_TEXT = ("covers", "min_interval_s", "max_interval_s")
_PLAIN = re.compile(r"^[A-Za-z_][\w-]*$")
_NUMBER = re.compile(r"^\d{1,9}(\.\d{1,6})?$")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


class OpmlError(VoltefaceError):
    """The file is no OPML, or may not be read as such."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed of an OPML file, its strings cleaned."""

    url: str
    """Empty where the outline has no usable `xmlUrl`."""
    title: str
    language: str = ""
    folders: tuple[str, ...] = ()
    """Titles of the outlines around it, the outermost first."""
    ours: tuple[tuple[str, str], ...] = ()
    """What a volteface wrote of the feed: `_OURS`."""


def write_opml(feeds: Iterable[Feed], *, title: str, now: datetime) -> bytes:
    """The web feeds of a config as OPML 2.0, in folders by country. Folders of documents are nobody else's to read."""
    root = etree.Element("opml", version="2.0", nsmap={"volteface": NAMESPACE})
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = f"{now:%a, %d %b %Y %H:%M:%S} GMT"
    folders: dict[str, etree._Element] = {}
    for feed in feeds:
        if feed.url.startswith("http"):
            if feed.country not in folders:
                folders[feed.country] = etree.SubElement(body, "outline", text=feed.country, title=feed.country)
            etree.SubElement(folders[feed.country], "outline", _attributes(feed))
    return bytes(etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="utf-8"))


def _attributes(feed: Feed) -> dict[str, str]:
    ours = {
        "id": feed.id,
        "family": feed.family,
        "country": feed.country,
        "ownership": feed.ownership.value,
        "covers": " ".join(feed.covers),
        "page": "" if feed.page == "auto" else feed.page,
        "min_interval_s": _seconds(feed.min_interval_s),
        "max_interval_s": _seconds(feed.max_interval_s),
    }
    plain = {"type": "rss", "text": feed.outlet, "title": feed.outlet, "xmlUrl": feed.url, "language": feed.language}
    return plain | {f"{{{NAMESPACE}}}{name}": value for name, value in ours.items() if value}


def _seconds(bound: float | None) -> str:
    return "" if bound is None else f"{bound:.10g}"


def read_opml(body: bytes) -> list[Subscription]:
    """The feeds of an OPML file in its order, nested ones too; each outline that has neither children nor an address
    is one without `url`. Raises OpmlError.

    Nothing outside the file is read, and a file that declares entities is refused: subscriptions need none.
    """
    if len(body) > MAX_BYTES:
        raise OpmlError(f"an OPML file of more than {MAX_BYTES:,} bytes")
    if b"<!entity" in body.replace(b"\0", b"").lower():
        raise OpmlError("the file declares entities; no list of subscriptions needs them")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise OpmlError(f"not an OPML file: {error}") from error
    if root is None or local_name(root).lower() != "opml":
        raise OpmlError("not an OPML file: its first element is not opml")
    return [_subscription(outline) for outline in root.iter("{*}outline", "outline") if _is_feed(outline)]


def _is_feed(outline: etree._Element) -> bool:
    return bool(_attribute(outline, "xmlurl")) or not len(outline)


def _subscription(outline: etree._Element) -> Subscription:
    title = _attribute(outline, "title") or _attribute(outline, "text")
    url = web_link(_attribute(outline, "xmlurl").replace("feed://", "http://", 1), "")
    language = _attribute(outline, "language").lower().partition("-")[0]
    around = [
        _attribute(parent, "title") or _attribute(parent, "text") for parent in outline.iterancestors("{*}outline")
    ]
    ours = tuple((name, plain_line(outline.get(f"{{{NAMESPACE}}}{name}", ""))) for name in _OURS)
    return Subscription(
        url,
        plain_line(title),
        language if re.match(LANGUAGE_FORM, language) else "",
        tuple(plain_line(name) for name in reversed(around) if name),
        tuple((name, value) for name, value in ours if value),
    )


def _attribute(outline: etree._Element, name: str) -> str:
    """By its name in any case: readers write xmlUrl, xmlurl and xmlURL."""
    return next((str(value) for key, value in outline.attrib.items() if str(key).lower() == name), "").strip()


@dataclass(frozen=True, slots=True)
class ConfigRow:
    """One feed as a line for `feeds:` of config.yaml."""

    line: str
    unfilled: tuple[str, ...] = ()
    """Keys that the user has to fill in: OPML does not tell them."""


def config_rows(subscriptions: Iterable[Subscription], known: Sequence[Feed]) -> Iterator[ConfigRow]:
    """Rows for the feeds that have an address and are not in `known` yet, each address once, with ids of their own."""
    ids, urls = {feed.id for feed in known}, {_same(feed.url) for feed in known}
    for subscription in subscriptions:
        if not subscription.url or _same(subscription.url) in urls:
            continue
        urls.add(_same(subscription.url))
        row = _row(subscription, ids)
        ids.add(row["id"])
        unfilled = tuple(key for key in ("country", "ownership", "language") if not row[key])
        pairs = ", ".join(f"{key}: {_yaml(key, value)}" for key, value in row.items() if value or key in unfilled)
        yield ConfigRow(f"- {{{pairs}}}", unfilled)


def _row(subscription: Subscription, ids: set[str]) -> dict[str, str]:
    ours = dict(subscription.ours)
    country, ownership = ours.get("country", ""), ours.get("ownership", "")
    covers = [side for side in ours.get("covers", "").split() if re.match(ID_FORM, side)]
    return {
        "id": _new_id(ours.get("id", "") or subscription.title or subscription.url, ids),
        "url": subscription.url,
        "outlet": subscription.title or subscription.url.split("/")[2],
        "family": ours.get("family", ""),
        "country": country if re.match(COUNTRY_FORM, country) else "",
        "ownership": ownership if ownership in list(Ownership) else "",
        "language": subscription.language,
        "covers": f"[{', '.join(covers)}]" if covers else "",
        "page": "never" if ours.get("page") == "never" else "",
    } | {name: value for name, value in ours.items() if name.endswith("_s") and _NUMBER.match(value)}


def _new_id(name: str, ids: set[str]) -> str:
    """An id like the name, of the form that the config wants and not among `ids`."""
    base = re.sub(r"[^a-z0-9]+", "_", re.sub(r"^https?://(www\.)?", "", name.lower())).strip("_")[:36]
    base = base if re.match(ID_FORM, base) else f"feed_{base}".rstrip("_")
    return next(id_ for id_ in (base, *(f"{base}_{n}" for n in range(2, 10**4))) if id_ not in ids)


def _same(url: str) -> str:
    """Addresses that differ only in scheme, `www.` or a slash at the end are one feed."""
    return re.sub(r"^https?://(www\.)?", "", url.lower()).rstrip("/")


def _yaml(key: str, value: str) -> str:
    if key in _NOT_TEXT or (_PLAIN.match(value) and value.lower() not in _WORDS):
        return value
    return json.dumps(value, ensure_ascii=False) if value else ""
