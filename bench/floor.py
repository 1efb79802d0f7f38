"""The two yardsticks, each a process of its own on the server that voc runs on: `python -m bench.floor hello FOLDER`.

HELLO is a bare Flask view that echoes JSON: what the server and the framework cost by themselves. FLOOR is what a
hand-written endpoint would do at least: one shared marshmallow schema and one raw sqlite3 insert under a lock, with
synchronous=NORMAL, so it does not wait for the disk.
"""

from __future__ import annotations

import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from voc.app.server import Server
from voc.core.settings import Settings

PATH = "/api/v1/feedback"


def hello() -> Flask:
    """Echo the JSON that came."""
    app = Flask("hello", static_folder=None)

    @app.post(PATH)
    def echo() -> Any:
        return jsonify(request.get_json()), 201

    return app


class CustomerIn(Schema):
    """Who said it."""

    class Meta:
        unknown = EXCLUDE

    email = fields.String(validate=validate.Length(max=320))
    name = fields.String(validate=validate.Length(max=200))
    external_id = fields.String(validate=validate.Length(max=200))


class FeedbackIn(Schema):
    """The fields that the load sends."""

    class Meta:
        unknown = EXCLUDE

    text = fields.String(required=True, validate=validate.Length(max=100_000))
    metric = fields.String(validate=validate.OneOf(("nps", "csat", "ces", "stars")))
    score = fields.Integer(strict=True, validate=validate.Range(min=0, max=10))
    language = fields.String(validate=validate.Length(max=8))
    customer = fields.Nested(CustomerIn)


SCHEMA = FeedbackIn()


def floor(file: Path) -> Flask:
    """Check, insert one row, answer with its number."""
    app = Flask("floor", static_folder=None)
    connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS feedback (id INTEGER PRIMARY KEY, text TEXT, metric TEXT, score INTEGER,"
        " language TEXT, email TEXT, name TEXT, received_at REAL)"
    )
    lock = threading.Lock()

    @app.post(PATH)
    def add() -> Any:
        try:
            data = SCHEMA.load(request.get_json())
        except ValidationError as error:
            return jsonify(errors=error.messages), 422
        customer = data.get("customer") or {}
        row = (
            data["text"],
            data.get("metric"),
            data.get("score"),
            data.get("language"),
            customer.get("email"),
            customer.get("name"),
            time.time(),
        )
        with lock:
            number = connection.execute(
                "INSERT INTO feedback (text, metric, score, language, email, name, received_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            ).lastrowid
        return jsonify(id=number), 201

    return app


def serve(app: Flask, say: Callable[[str], None]) -> None:
    """Run `app` on voc's server with voc's default settings until SIGTERM."""
    settings = Settings()
    server = Server(
        app,
        host="127.0.0.1",
        port=0,
        threads=settings.threads,
        body_limit=settings.body_limit,
        receive_deadline=settings.receive_deadline,
        drain=settings.drain,
    )
    server.bind()
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    say(f"serves at {server.url}")
    # The same call as in `voc serve`: with a flag, the loop turns five times a second.
    server.run(threading.Event())


if __name__ == "__main__":
    kind, folder = sys.argv[1], Path(sys.argv[2])
    serve(hello() if kind == "hello" else floor(folder / "floor.db"), lambda line: print(line, flush=True))
