"""Scenario 4: the inbox as a signed-in person sees it, with a thousand open cases and with a hundred thousand.

Both houses serve at the same time, without workers; each sample asks one page of each of them over one keep-alive
connection, so that whatever else the machine does hits all alike.
"""

from __future__ import annotations

import http.client
import re
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

from bench import filling, load, serving
from bench.figures import Figure
from voc.cases.reading.cursor import write_cursor
from voc.cases.reading.queries import inbox_list

FEW_CASES = 1000
SAMPLES = 12
QUEUES = ("mine", "team", "unassigned", "overdue", "escalated")


def measure(folder: Path, *, many: int, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    """Fill both houses, sign in to both, and ask for pages in turn."""
    small, large = folder / "small", folder / "large"
    begin = time.perf_counter()
    filling.fill(small, FEW_CASES)
    filling.fill(large, many)
    tell(f"  filled in {time.perf_counter() - begin:.0f} s")
    listed = inbox_list("open", "attention")
    keys = {name: write_cursor(listed, *key) for name, key in filling.deep_keys(large).items()}
    with ExitStack() as stack:
        houses = {
            "small": stack.enter_context(serving.voc(small, worker=False)),
            "large": stack.enter_context(serving.voc(large, worker=False)),
        }
        cookies = {name: _sign_in(house) for name, house in houses.items()}
        pages = {
            "small": ("small", {}),
            "large": ("large", {}),
            "middle": ("large", {"after": keys["middle"]}),
            "end": ("large", {"after": keys["end"]}),
            "due small": ("small", {"order": "due"}),
            "due large": ("large", {"order": "due"}),
            **{f"{queue} {size}": (size, {"queue": queue}) for queue in QUEUES for size in ("small", "large")},
        }
        times = _times(houses, cookies, pages, rounds)
    tell("  " + ", ".join(f"{name} {value:.1f}" for name, value in times.items()) + " ms")
    return _figures(times, many)


def _sign_in(house: serving.Running) -> str:
    """Go through a one-time link as a browser does; returns the session's cookie."""
    path = f"/welcome/{serving.sign_in_link(house.folder)}"
    connection = http.client.HTTPConnection(load.HOST, house.port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        page = answer.read().decode()
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        fields = {name: _field(page, name) for name in ("csrf_token", "name", "email")}
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode({**fields, "language": "es"}), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 303:
            raise load.LoadError(f"signing in was answered with {answer.status}")
        return (answer.getheader("Set-Cookie") or "").split(";")[0]
    finally:
        connection.close()


def _field(page: str, name: str) -> str:
    """The value of an input of a page."""
    for tag in re.findall(r"<input[^>]*>", page):
        if f'name="{name}"' in tag and (found := re.search(r'value="([^"]*)"', tag)):
            return found.group(1)
    raise load.LoadError(f"the page has no field {name}")


def _times(
    houses: dict[str, serving.Running],
    cookies: dict[str, str],
    pages: dict[str, tuple[str, dict[str, str]]],
    rounds: int,
) -> dict[str, float]:
    """Median milliseconds of each page."""
    requests = {
        name: (house, load.get(f"/inbox?{urlencode(query)}", {"Cookie": cookies[house]}))
        for name, (house, query) in pages.items()
    }
    found: dict[str, list[float]] = {name: [] for name in pages}
    open_to = {name: load.Connection(house.port) for name, house in houses.items()}
    for turn in range(rounds * SAMPLES + 5):
        for name, (house, request) in requests.items():
            connection = open_to[house]
            connection.send(request)
            while not connection.receive(b"200"):
                pass
            if turn >= 5:
                found[name].append(time.perf_counter() - connection.sent_at)
    for connection in open_to.values():
        connection.socket.close()
    return {name: statistics.median(values) * 1000 for name, values in found.items()}


def _figures(times: dict[str, float], many: int) -> list[Figure]:
    few, lot = f"{FEW_CASES:,}", f"{many:,}"
    worst = max(QUEUES, key=lambda queue: times[f"{queue} large"] / times[f"{queue} small"])
    deepest = max("middle", "end", key=lambda name: times[name])
    return [
        Figure(
            f"inbox at {lot} / {few} open cases",
            times["large"] / times["small"],
            "x",
            f"{times['large']:.1f} ms, {times['small']:.1f} ms",
            target=1.3,
            at_least=False,
        ),
        Figure(
            "  the same, due first",
            times["due large"] / times["due small"],
            "x",
            f"{times['due large']:.1f} ms, {times['due small']:.1f} ms",
            target=1.3,
            at_least=False,
        ),
        Figure(
            f"  the same, worst other queue ({worst})",
            times[f"{worst} large"] / times[f"{worst} small"],
            "x",
            f"{times[f'{worst} large']:.1f} ms, {times[f'{worst} small']:.1f} ms; {filling.FEW[worst]} cases in it",
            target=1.3,
            at_least=False,
        ),
        Figure(
            f"deep page ({deepest}) / first page",
            times[deepest] / times["large"],
            "x",
            f"{times[deepest]:.1f} ms",
            target=1.5,
            at_least=False,
        ),
    ]
