"""`feeds parse`, `feeds export`, `feeds import` and `extract`, as one calls them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from feed_desk import LONG, PAGE, item, rss

from deploy.cli import main

SHIPPED = str(Path(__file__).parents[2] / "config.yaml")


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["--config", SHIPPED, *arguments], input=stdin, catch_exceptions=False)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with feeds of some kinds, and other things."""
    folder = tmp_path / "archive"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.xml").write_bytes(rss(item("One", "/1"), item("One", "/1"), "<item><author>nobody</author></item>"))
    (folder / "b.json").write_text('{"version": "https://jsonfeed.org/version/1", "items": [{"id": 1}]}')
    (folder / "deeper" / "c.xml.gz").write_bytes(
        gzip.compress(b"<urlset><url><loc>https://a.example/</loc></url></urlset>")
    )
    (folder / "d.html").write_text("<!doctype html><html><body>Hello</body></html>")
    (folder / "e.xml").write_bytes(b"")
    return folder  # fmt: skip


def test_parse_answers_one_json_line_a_file_in_order(archive: Path) -> None:
    """A script that compares parsers could not match the answers to its files."""
    result = run("feeds", "parse", "--json", str(archive))

    assert result.exit_code == 0
    assert lines(result) == [
        {"file": str(archive / "a.xml"), "format": "rss2.0", "entries": 3, "reason": ""},
        {"file": str(archive / "b.json"), "format": "json", "entries": 1, "reason": ""},
        {"file": str(archive / "d.html"), "format": "", "entries": 0, "reason": "an HTML page, not a feed"},
        {"file": str(archive / "deeper" / "c.xml.gz"), "format": "sitemap", "entries": 1, "reason": ""},
        {"file": str(archive / "e.xml"), "format": "", "entries": 0, "reason": "empty body"},
    ]


def test_a_missing_file_is_a_line_and_a_failure(archive: Path, tmp_path: Path) -> None:
    """A typing error in one of a thousand names would stop the run, or pass for a refused feed."""
    result = run("feeds", "parse", "--json", str(tmp_path / "nowhere.xml"), str(archive / "a.xml"))

    missing, taken = lines(result)
    assert result.exit_code == 1
    assert (missing["reason"], missing["format"], taken["format"]) == ("no such file", "", "rss2.0")


def test_parse_for_people_sums_up(archive: Path) -> None:
    """Somebody who looks at an archive would have to count by hand why files are refused."""
    result = run("feeds", "parse", str(archive))

    assert "5 files: 3 taken with 5 entries, 2 refused" in result.stdout
    assert "rss2.0             3  " in result.stdout
    assert "a.xml" in result.stdout


def test_parse_reads_standard_input() -> None:
    """`curl ... | volteface feeds parse -` would not work."""
    (row,) = lines(run("feeds", "parse", "--json", "-", stdin=rss(item("One", "/1"))))

    assert row == {"file": "-", "format": "rss2.0", "entries": 1, "reason": ""}


def test_extract_answers_one_json_line_a_page(tmp_path: Path) -> None:
    """Others could not measure what we take for the article."""
    page = PAGE.replace("<html>", "<html><head><meta property='article:published_time' content='2026-02-09'></head>")
    (tmp_path / "a.html").write_text(page)
    (tmp_path / "b.html").write_text("<html><body><p>Please enable JavaScript.</p></body></html>")

    result = run("extract", "--json", str(tmp_path), str(tmp_path / "c.html"))

    article, wall, missing = lines(result)
    assert result.exit_code == 1
    assert list(article) == list(wall) == ["file", "title", "published", "lang", "text", "reason"]
    assert str(article["text"]).count("Muscat") == 6
    assert (article["title"], article["published"], article["lang"], article["reason"]) == ("T", "2026-02-09", "en", "")
    assert (wall["text"], wall["reason"]) == ("", "a JavaScript wall")
    assert missing["reason"] == "no such file"


def test_extract_for_people_shows_the_article(tmp_path: Path) -> None:
    """One could not see what would be read of a page."""
    (tmp_path / "a.html").write_text(PAGE)

    result = run("extract", str(tmp_path / "a.html"))

    assert result.exit_code == 0
    assert LONG.split(". ")[0] in result.stdout


def test_export_and_import_are_inverse(tmp_path: Path) -> None:
    """Feeds could not be carried to another reader, or from one installation to another."""
    file = tmp_path / "feeds.opml"
    small = tmp_path / "small.yaml"
    document = yaml.safe_load(Path(SHIPPED).read_text(encoding="utf-8"))
    wanted = document["feeds"][:3]
    small.write_text(yaml.safe_dump(document | {"feeds": wanted[:1]}, allow_unicode=True), encoding="utf-8")

    exported = run("feeds", "export", str(file))
    known = run("feeds", "import", str(file))
    new = CliRunner().invoke(main, ["--config", str(small), "feeds", "import", str(file)], catch_exceptions=False)

    assert (exported.exit_code, known.exit_code, known.stdout) == (0, 0, "")
    assert f"0 new feeds, {len(document['feeds'])} known already" in known.stderr
    assert wanted[1] in yaml.safe_load(new.stdout)
    assert wanted[0] not in yaml.safe_load(new.stdout)


def test_file_that_cannot_be_written_is_named_in_a_line(tmp_path: Path) -> None:
    """A slip in a path would look like a fault of the program."""
    missing = tmp_path / "no such folder" / "feeds.opml"

    result = run("feeds", "export", str(missing))

    assert (result.exit_code, result.stderr) == (1, f"volteface: {missing}: No such file or directory\n")


def test_import_says_what_to_fill_in_and_what_it_left_out(tmp_path: Path) -> None:
    """The user would find out from errors of `config check`, or never."""
    body = b"<opml><body><outline text='A' xmlUrl='https://a.example/'/><outline text='B'/></body></opml>"

    result = run("feeds", "import", "-", stdin=body)

    assert result.stdout.rstrip().endswith("# fill in country, ownership, language")
    assert "left out: B: no web address in xmlUrl" in result.stderr


def test_import_of_something_else_is_one_line(tmp_path: Path) -> None:
    """A wrong file name would end in a traceback."""
    result = run("feeds", "import", "-", stdin=b"<rss/>")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "volteface: not an OPML file: its first element is not opml\n"
