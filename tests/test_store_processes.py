"""Several real processes on one database: the service, and a person who runs a command beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from store_samples import NOON, alerted, feed

from volteface.store import Store

pytestmark = pytest.mark.slow

_PRELUDE = """
import json, sys
sys.path.insert(0, "tests")
from store_samples import NOON, arrival, feed, state
from volteface.store import Store
sys.stdin.readline()
with Store.open(sys.argv[1]) as store:
    pass
"""


def _together(url: str, body: str, processes: int = 4) -> list[Any]:
    """Run the same lines in several processes, which all start them at one word; what each gave as `result`."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    code = _PRELUDE.replace("    pass\n", indented + "    print(json.dumps(result))\n")
    command = [sys.executable, "-c", code, url]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=120)[0]) for process in running]


def test_processes_may_open_a_new_database_at_once(empty_url: str) -> None:
    """The poll and alert flows start together on a fresh machine; neither may fail or migrate twice."""
    assert _together(empty_url, "store.feeds.sync([feed()], NOON)\nresult = len(store.feeds.all())") == [1] * 4


def test_processes_that_poll_one_feed_at_once_take_each_article_once(store: Store, database_url: str) -> None:
    """`volteface poll` by hand beside the service must neither fail nor double anything."""
    store.feeds.sync([feed()], NOON)
    poll = "result = store.feeds.save_poll(state(), [arrival(number) for number in range(200)]).new"
    assert sorted(_together(database_url, poll)) == [0, 0, 0, 200]
    assert len(store.articles.wanting_reading(1000)) == 200


def test_processes_never_hold_the_same_message(store: Store, database_url: str) -> None:
    """Both would post it."""
    keys = [f"k{number:02}" for number in range(60)]
    alerted(store, *keys)
    drain = "result = []\nwhile item := store.outbox.claim(sys.argv[1], NOON):\n    result.append(item.key)"
    assert sorted(key for taken in _together(database_url, drain) for key in taken) == keys
