"""Behaviours 36 to 43 of docs/feed_behaviours.md: hostile servers, addresses, feeds and pages."""

from __future__ import annotations

import asyncio
import gzip
import resource
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from feed_desk import Desk, config, feed, item, rss, stories
from local_web import LocalWeb
from paced import answers
from ssrfguard import Policy
from watched_parse import parse_timed

from volteface.errors import FetchError, RefusedAddress, WorkerError
from volteface.fetch import Web
from volteface.mrkdwn import escape
from volteface.page import extract_page
from volteface.workers import Workers

Desks = Callable[..., Desk]
RULES = config(feed("https://x.example/"), max_bytes=2_000_000).poll
STRICT = config(feed("https://x.example/"), allow_private_addresses=False, timeout_s=0.5).poll


def get(url: str, **how: Any) -> bytes:
    rules = how.pop("rules", RULES)

    async def once() -> bytes:
        async with Web(rules, **how) as web:
            return (await web.get(url)).body

    return asyncio.run(once())


def _bomb(pack: Callable[[], Any], members: int = 1) -> bytes:
    """100 MB of zeros, packed."""
    packed = b""
    for _ in range(members):
        packer = pack()
        parts = [packer.compress(bytes(1_000_000)) for _ in range(100 // members)]
        packed += b"".join([*parts, packer.flush()])
    return packed


BOMBS = {
    "gzip": ("gzip", _bomb(lambda: zlib.compressobj(9, zlib.DEFLATED, 31))),
    "gzip-of-many-members": ("gzip", _bomb(lambda: zlib.compressobj(9, zlib.DEFLATED, 31), members=100)),
    "deflate": ("deflate", _bomb(lambda: zlib.compressobj(9))),
    "bare-deflate": ("deflate", _bomb(lambda: zlib.compressobj(9, zlib.DEFLATED, -15))),
}


@pytest.mark.parametrize("name", BOMBS)
def test_b36_a_bomb_stops_at_the_cap(site: LocalWeb, name: str) -> None:
    """A hundred kilobytes from one hostile feed would take all memory, and the service with it."""
    encoding, body = BOMBS[name]
    url = site.route("/bomb", body=body, headers={"Content-Encoding": encoding})
    tracemalloc.start()
    with pytest.raises(FetchError, match="more than 2,000,000 bytes inflated") as caught:
        get(url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert not caught.value.transient
    assert peak < 12_000_000


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip, br", "compress"])
def test_b36_packings_without_a_bound_are_refused_unread(site: LocalWeb, encoding: str) -> None:
    """A kilobyte of brotli becomes a gigabyte in one step: what we did not ask for is not even read."""
    url = site.route("/bomb", body=[b"x" * 1000] * 1000, headers={"Content-Encoding": encoding})

    with pytest.raises(FetchError, match="a content encoding that we did not ask for"):
        get(url)


def test_b36_a_feed_that_is_a_bomb_within_a_packed_answer_is_refused(site: LocalWeb, desk: Desks) -> None:
    """The doubled bomb: what comes out of the answer is itself packed, as sitemaps often are."""
    body = gzip.compress(BOMBS["gzip"][1])
    at = desk(feed(site.route("/bomb", body=body, headers={"Content-Encoding": "gzip"})))

    assert "more than 15,000,000 bytes" in at.poll().outcomes[0].detail


def test_b36_the_cap_counts_on_the_wire_too(site: LocalWeb) -> None:
    """An endless stream would fill the memory without any packing."""
    with pytest.raises(FetchError, match="more than 2,000,000 bytes"):
        get(site.route("/big", body=[b"x" * 100_000] * 1000))


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@pytest.mark.parametrize(
    "how",
    [
        {"body": [b"x"] * 1000},
        {"body": [bytes([byte]) for byte in gzip.compress(bytes(range(256)))], "headers": {"Content-Encoding": "gzip"}},
        {"body": [HEAD, *(f"X-{n}: 1\r\n".encode() for n in range(1000))], "raw": True},
        {"body": [bytes([byte]) for byte in HEAD * 20], "raw": True},
    ],
    ids=["body", "packed-body", "headers", "status-line"],
)
def test_b37_a_slow_drip_ends_at_the_deadline(site: LocalWeb, how: dict[str, Any]) -> None:
    """Each byte comes in time, the whole never: a few such servers would hold every slot for hours."""
    url = site.route("/drip", drip=0.1, **how)
    started = time.monotonic()
    with pytest.raises(FetchError, match=r"no complete answer within 0\.5 s") as caught:
        get(url, rules=RULES.model_copy(update={"timeout_s": 0.5}))

    assert time.monotonic() - started < 3
    assert caught.value.status is None


def test_b37_the_deadline_is_for_all_hops_together(site: LocalWeb) -> None:
    """Five slow redirects would take five times as long as allowed."""
    for hop in range(5):
        site.route(f"/{hop}", status=302, headers={"Location": f"/{hop + 1}"}, delay=0.4)
    started = time.monotonic()
    with pytest.raises(FetchError, match="no complete answer within 1 s"):
        get(site.url("/0"), rules=RULES.model_copy(update={"timeout_s": 1}))

    assert time.monotonic() - started < 3


PRIVATE = (
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.0.8",
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "fc00::1", "fe80::1", "fec0::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "2001:db8::1", "3fff::1", "5f00::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_b38_names_that_lead_inside_are_refused_at_connect_time(address: str) -> None:
    """The owner of any domain could have us read the machine's own services and the cloud's secrets."""
    with pytest.raises(RefusedAddress, match="refused"):
        get("http://innocent.example/feed", rules=STRICT, resolver=answers(address))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:7f00:1]", "localhost", "0"])
def test_b38_odd_spellings_of_loopback_are_refused(host: str) -> None:
    """A filter that knows one spelling of 127.0.0.1 knows none."""
    with pytest.raises(RefusedAddress):
        get(f"http://{host}/feed", rules=STRICT)


def test_b38_one_bad_address_among_good_ones_refuses_all() -> None:
    """A name with two addresses would get through by the second."""
    with pytest.raises(RefusedAddress, match=r"10\.0\.0\.1"):
        get("http://innocent.example/feed", rules=STRICT, resolver=answers("93.184.215.14", "10.0.0.1"))


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/", "http://169.254.169.254/latest/meta-data", "http://[::ffff:127.0.0.2]/",
        "http://[64:ff9b::7f00:2]/", "http://2130706434/", "http://10.0.0.1/", "http://elsewhere.example/",
    ],
)  # fmt: skip
def test_b38_every_hop_is_checked(site: LocalWeb, target: str) -> None:
    """A public feed would only have to redirect us to the inside."""
    only_the_server = Policy(allowed_networks=("127.0.0.1/32",), allowed_ports=frozenset(range(1, 65_536)))
    url = site.route("/feed", status=302, headers={"Location": target})

    with pytest.raises(RefusedAddress):
        get(url, policy=only_the_server, resolver=answers("127.0.0.3"))
    assert site.paths() == ["/feed"]


def test_b38_a_name_that_changes_its_address_is_checked_each_time() -> None:
    """DNS rebinding: good when it is looked at, and inside when it is used."""
    turns: Iterator[str] = iter(("192.0.2.1", "127.0.0.1"))
    policy = Policy(allowed_networks=("192.0.2.0/24",))

    def rebinding(*asked: Any) -> Any:
        return answers(next(turns))(*asked)

    async def twice() -> None:
        async with Web(STRICT, policy=policy, resolver=rebinding) as web:
            with pytest.raises(FetchError, match=r"no complete answer|connection failed"):
                await web.get("http://turning.example/feed")
            with pytest.raises(RefusedAddress, match=r"127\.0\.0\.1"):
                await web.get("http://turning.example/feed")

    asyncio.run(twice())


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/", "gopher://a.example/", "http://u:p@a.example/", "http://a.example:22/"],
)
def test_b39_only_http_and_its_ports_without_passwords(url: str) -> None:
    """A line of the config, or a redirect, could name a file of this machine or another service's port."""
    with pytest.raises(RefusedAddress):
        get(url, rules=STRICT, resolver=answers("93.184.215.14"))


@pytest.mark.parametrize("body", [b"/etc/passwd", b"file:///etc/passwd"])
def test_b40_a_body_that_names_a_file_or_an_address_is_only_text(site: LocalWeb, desk: Desks, body: bytes) -> None:
    """The parser opens what it takes for a name: a feed could publish our own files as news."""
    at = desk(feed(site.route("/feed", body=body)), feed(site.route("/two", body=site.url("/three").encode()), "two"))

    assert [outcome.detail for outcome in at.poll().outcomes] == ["not XML"] * 2
    assert sorted(site.paths()) == ["/feed", "/two"]


def _laughs() -> bytes:
    inner = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    return f"<!DOCTYPE rss [{inner}]>".encode() + rss("<item><title>&l9;</title></item>")


ATTACKS = {
    "billion-laughs": _laughs(),
    "external-entity": b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    + rss("<item><title>a&x;</title></item>"),
    "external-dtd": b"<!DOCTYPE rss SYSTEM 'file:///etc/passwd'>" + rss("<item><title>a</title></item>"),
    "one-long-entity": b"<!DOCTYPE r [<!ENTITY x '"
    + b"A" * 100_000
    + b"'>]>"
    + rss(f"<item><title>{'&x;' * 2000}</title></item>"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_b41_hostile_xml_costs_little_and_reads_nothing(name: str) -> None:
    """A kilobyte of entities would take the machine's memory, or one of its files become a headline."""
    with Workers(1, memory=100_000_000 + resource.getpagesize()) as workers:
        asyncio.run(workers.run(parse_timed, rss(), "https://a.example/"))  # what it imports is not the feed's doing
        parsed, seconds = asyncio.run(workers.run(parse_timed, ATTACKS[name], "https://a.example/"))

    assert seconds < 2
    assert not any("root:" in entry.title or len(entry.title) > 600 for entry in parsed.entries)


SLOW_FEED = b"<rss version='2.0'><channel><item><title>" + b"<a>" * 400_000
SLOW_PAGE = b"<html><body><article>" + b"<span>a</span>" * 150_000 + b"</article></body></html>"


def test_b42_a_hostile_feed_costs_one_worker_and_not_the_pass(site: LocalWeb, desk: Desks) -> None:
    """One feed of nested tags would hold up all the others, at every poll."""
    at = desk(feed(site.route("/slow", body=SLOW_FEED), "slow"), feed(site.route("/good", body=stories([1])), "good"))
    with Workers(2, timeout_s=4) as at.workers:
        report = at.poll()

    details = {outcome.feed: outcome.detail for outcome in report.outcomes}
    assert details["slow"] == "parse_feed: no result after 4 s, process killed"
    assert (report.new, details["good"]) == (1, "")
    assert at.state("slow").etag is None


def test_b42_a_hostile_page_costs_one_worker() -> None:
    """The extractor takes minutes for some pages: article texts would wait behind one of them."""

    async def slow_then_good(workers: Workers) -> str:
        with pytest.raises(WorkerError, match="extract_page: no result after 4 s, process killed"):
            await workers.run(extract_page, SLOW_PAGE, "https://a.example/")
        return (await workers.run(extract_page, b"<html></html>", "https://a.example/")).reason or ""

    with Workers(1, timeout_s=4) as workers:
        assert asyncio.run(slow_then_good(workers)) == "no article text on the page"


def test_b43_what_a_feed_says_is_only_text(site: LocalWeb, desk: Desks) -> None:
    """A headline could page a whole channel, run script in a report, or cost the poll its transaction."""
    title = "&lt;script&gt;x()&lt;/script&gt;Envoys&#x202E; meet &amp;lt;!channel&amp;gt; <![CDATA[<@U123>]]>\0 & leave"
    text = "&lt;b onclick='x()'&gt;Talks&lt;/b&gt; \x07went on."
    at = desk(feed(site.route("/feed", body=rss(item(title, "/a", text))), page="never"))
    at.poll()

    (article,) = at.articles()
    assert article.text == "Talks went on."
    assert "script" not in article.title
    assert not any(ord(character) < 32 or character in "\u202e\0" for character in article.title)
    assert "<" not in escape(article.title)
