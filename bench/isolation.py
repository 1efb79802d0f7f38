"""What the host adds to a call into a plugin, in the worker and in a process of its own; and what thirty plugins add
to a start.

A call is one `read` of a small receipt by a plugin that does nothing else. Its yardsticks do the same without the host:
the same method on a thread pool, and the very frames of the call to and fro over bare pipes.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import Figure
from voc.core.ids import new_id
from voc.jobs.engine import Engine
from voc.plugin import Raw, View
from voc.plugin_host import PluginHost
from voc.plugin_host.policy import Policy
from voc.process.companion import Companion
from voc.process.frames import HEAD

CALLS = 2000
SAID = 200
# What a plugin does instead of reading: in a process of its own it is ended; in the worker it can only be given up, and
# comes back a little later, so that the worker need not be replaced within the run.
HANGS = {
    "in a process": "import time; time.sleep(600); return [Inb",
    "in the worker": "import time; time.sleep(1.5); return [Inb",
}
FEW, MANY = 3, 30
CODE = """\
from voc.plugin import Channel, Inbound, hookimpl

class Board(Channel):
    kind = "{name}"

    def read(self, view, raw):
        return [Inbound(external_id="1", text=raw.body.decode(), score=0, metric="nps", facts={{"a": 1}})]

@hookimpl
def voc_channels():
    return [Board]
"""
MANIFEST = 'name = "{name}"\ncontract = 1\nkinds = ["{name}"]\n'
# Takes every frame apart and answers with the same one, as little as a hand-written pipe can do.
ECHO = """\
import json, os, struct, sys
head = struct.Struct(">II")
answer = json.loads(sys.argv[1])
while True:
    held = os.read(0, 65536)
    if not held:
        sys.exit()
    written, size = head.unpack_from(held)
    while len(held) < 8 + written + size:
        held += os.read(0, 65536)
    json.loads(held[8 : 8 + written])
    said = json.dumps(answer, separators=(",", ":")).encode()
    os.write(1, head.pack(len(said), 0) + said)
"""
START = """\
import sys, time
from pathlib import Path
from voc.core.settings import load
from voc.runtime.instance import open_instance
from voc.app.factory import create_app
begin = time.perf_counter()
runtime = open_instance(load(instance=Path(sys.argv[1])), create=False)
create_app(runtime)
print(time.perf_counter() - begin, sum(state.state == "loaded" for state in runtime.host.states))
runtime.close()
"""
RAW = Raw(b"La entrega lleg\xc3\xb3 tarde y nadie contesta. " * 4, "text/plain", datetime(2026, 3, 4, tzinfo=UTC))
ABOUT = View({"place": "Comedor", "least": 3})


def drop(instance: Path, count: int) -> None:
    """Put so many small plugins into an instance."""
    for number in range(count):
        name = f"board{number}"
        folder = instance / "plugins" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plugin.toml").write_text(MANIFEST.format(name=name))
        (folder / "__init__.py").write_text(CODE.format(name=name))


def measure(folder: Path, *, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    """All figures; each pair is measured in turns in one run."""
    drop(folder / "calls", 1)
    calls = [_in_worker(folder / "calls", rounds, tell), _apart(folder / "calls", rounds, tell)]
    others = [figure for mode in HANGS for figure in _others(folder / mode.split()[-1], mode, tell)]
    return [*calls, *_starts(folder, tell), *others, _kits(tell)]


def _median(call: Callable[[], Any], calls: int = CALLS) -> float:
    times = []
    for _ in range(calls):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _ratio(
    name: str, ours: Callable[[], Any], bare: Callable[[], Any], rounds: int, tell: Callable[[str], None]
) -> Figure:
    pairs = []
    for turn in range(rounds + 1):
        pair = _median(ours), _median(bare)
        if turn:  # the first round warms everything up
            pairs.append(pair)
    own, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    detail = f"{own * 1e6:.0f} us, {other * 1e6:.0f} us"
    tell(f"  {name}: {detail}")
    return Figure(name, own / other, "x", detail, 3.0, at_least=False)


def _in_worker(instance: Path, rounds: int, tell: Callable[[str], None]) -> Figure:
    host = PluginHost.load(instance, policy=Policy(in_worker=frozenset({"*"})))
    plugin, channel = host.channel("board0")  # type: ignore[misc]
    with ThreadPoolExecutor(1) as threads:
        figure = _ratio(
            "a call in the worker / on a bare thread pool",
            lambda: host.guard.call(plugin, channel.read, ABOUT, RAW),
            lambda: threads.submit(channel.read, ABOUT, RAW).result(timeout=10),
            rounds,
            tell,
        )
    host.close()
    return figure


def _apart(instance: Path, rounds: int, tell: Callable[[str], None]) -> Figure:
    host = PluginHost.load(instance)
    plugin, channel = host.channel("board0")  # type: ignore[misc]
    question, blobs, answer = _frames(lambda: host.guard.call(plugin, channel.read, ABOUT, RAW))
    argv = [sys.executable, "-I", "-c", ECHO, json.dumps(answer)]
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert child.stdin
    assert child.stdout
    writing, reading = child.stdin.fileno(), child.stdout.fileno()

    def bare() -> None:
        said = json.dumps(question, separators=(",", ":")).encode()
        os.write(writing, HEAD.pack(len(said), len(blobs)) + said + blobs)
        held = os.read(reading, 1 << 16)
        written, size = HEAD.unpack_from(held)
        while len(held) < 8 + written + size:
            held += os.read(reading, 1 << 16)
        json.loads(held[8 : 8 + written])

    name = "a call into a process / the same frames, bare"
    figure = _ratio(name, lambda: host.guard.call(plugin, channel.read, ABOUT, RAW), bare, rounds, tell)
    child.kill()
    child.communicate()
    host.close()
    return figure


def _frames(call: Callable[[], Any]) -> tuple[Any, bytes, Any]:
    """What one call says and hears: the JSON there, the bytes behind it, and the JSON back."""
    seen: list[Any] = []
    exchange = Companion.exchange

    def watched(self: Any, frame: bytes, end: float) -> Any:
        found = exchange(self, frame, end)
        if frame:
            middle = 8 + HEAD.unpack_from(frame)[0]
            # A copy: reading the values of an answer uses it up.
            seen[:] = [json.loads(frame[8:middle]), frame[middle:], json.loads(json.dumps(found[0]))]
        return found

    Companion.exchange = watched  # type: ignore[method-assign]
    try:
        call()
    finally:
        Companion.exchange = exchange  # type: ignore[method-assign]
    return seen[0], seen[1], seen[2]


def _starts(folder: Path, tell: Callable[[str], None]) -> list[Figure]:
    """Opening the instance and making the application, in fresh interpreters in turn, with few and many plugins."""
    from voc.core.settings import load
    from voc.runtime.instance import open_instance

    places = {}
    for count in (FEW, MANY):
        places[count] = folder / f"house-{count}"
        open_instance(load({}, instance=places[count]), create=True).close()
        drop(places[count], count)
    figures = []
    first = {count: _start(places[count], "") for count in (FEW, MANY)}
    detail = f"{first[MANY]:.2f} s, {first[FEW]:.2f} s"
    figures.append(Figure(f"first start, {MANY} dropped in / {FEW}", first[MANY] / first[FEW], "x", detail))
    for words, setting in (("in processes", ""), ("in the worker", "*")):
        times: dict[int, list[float]] = {FEW: [], MANY: []}
        for _ in range(7):
            for count, found in times.items():
                found.append(_start(places[count], setting))
        few, many = statistics.median(times[FEW]), statistics.median(times[MANY])
        name = f"start with {MANY} plugins {words} / {FEW}"
        tell(f"  {name}: {many:.3f} s, {few:.3f} s")
        figures.append(Figure(name, many / few, "x", f"{many:.2f} s, {few:.2f} s", 1.3, at_least=False))
    return figures


def _start(instance: Path, in_worker: str) -> float:
    environment = {**os.environ, "VOC_PLUGINS_IN_WORKER": in_worker}
    argv = [sys.executable, "-c", START, str(instance)]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])


def _kits(tell: Callable[[str], None]) -> Figure:
    """The longest that the whole conformance kit takes on a bundled plugin, in seconds."""
    took = {}
    for folder in sorted(path.parent for path in Path("plugins").glob("*/plugin.toml")):
        begin = time.perf_counter()
        argv = [sys.executable, "-m", "voc", "plugin", "check", folder.name, "--json"]
        subprocess.run(argv, capture_output=True, timeout=300, check=True)
        took[folder.name] = time.perf_counter() - begin
        tell(f"  the kit on {folder.name}: {took[folder.name]:.1f} s")
    longest = max(took, key=lambda name: took[name])
    return Figure("the kit on a bundled plugin, longest", took[longest], "s", longest, 60.0, at_least=False)


def _others(folder: Path, mode: str, tell: Callable[[str], None]) -> list[Figure]:
    """How long a receipt of one channel waits to be read while the plugin of another hangs."""
    from voc.core.settings import load
    from voc.intake.channels import add_channel
    from voc.runtime.instance import open_instance

    place = folder / "others"
    open_instance(load({}, instance=place), create=True).close()
    drop(place, 1)
    (place / "plugins" / "board0" / "__init__.py").write_text(
        CODE.format(name="board0").replace("return [Inb", HANGS[mode])
    )
    in_worker = ("*",) if mode == "in the worker" else ()
    runtime = open_instance(load({}, instance=place, plugin_seconds=1.0, plugins_in_worker=in_worker), create=False)
    with runtime.db.writing() as session:
        given: dict[str, Any] = {"kind": "board0", "name": "B", "slug": "b", "options": {}, "now": runtime.clock()}
        bad = add_channel(session, runtime.host, **given).id
    engine = Engine(runtime, worker="bench")
    thread = threading.Thread(target=engine.run, daemon=True)
    thread.start()
    quiet = _waits(runtime, engine, None)
    beside = _waits(runtime, engine, bad)
    engine.stop()
    thread.join()
    runtime.close()
    figures = []
    for name, share in (("median", 0.5), ("p90", 0.9)):
        pair = [sorted(waits)[int(share * len(waits))] for waits in (beside, quiet)]
        detail = f"{pair[0] * 1e3:.1f} ms, {pair[1] * 1e3:.1f} ms; longest {max(beside) * 1e3:.0f} ms"
        tell(f"  others beside a plugin that hangs {mode}, {name}: {detail}")
        figures.append(
            Figure(f"beside a plugin that hangs {mode} ({name})", pair[0] / pair[1], "x", detail, 2.0, at_least=False)
        )
    return figures


def _waits(runtime: Any, engine: Engine, bad: Any) -> list[float]:
    """Seconds from each of many receipts' arrival until it was read; with `bad`, one of that channel comes now and
    then."""
    from voc.core.vocabulary import ReceiptState
    from voc.intake import queries
    from voc.intake.submit import submit

    with runtime.db.reading() as session:
        good = queries.channel_by_slug(session, "feedback").id  # type: ignore[union-attr]

    def say(channel: Any) -> Any:
        values = {"text": "La entrega llegó tarde.", "score": 3}
        given = {"form_version": 1, "language": "es", "values": values, "now": runtime.clock()}
        return submit(runtime.writer, runtime.keys, channel_id=channel, submission_id=new_id().hex, **given).receipt_id

    waits = []
    for number in range(SAID):
        if bad is not None and number % 20 == 10:
            say(bad)
        begin = time.perf_counter()
        receipt_id = say(good)
        engine.wake()
        while True:
            with runtime.db.reading() as session:
                if queries.receipt_by_id(session, receipt_id).state is not ReceiptState.STORED:
                    break
            time.sleep(0.001)
        waits.append(time.perf_counter() - begin)
    return waits
