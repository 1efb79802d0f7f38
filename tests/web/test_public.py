"""The public pages over a real runtime: nothing typed is lost, nothing stored twice, nothing shown to the wrong one."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from voc.app.factory import create_app
from voc.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound
from voc.core.settings import load
from voc.intake.channels import add_channel
from voc.jobs.engine import Engine
from voc.model import Channel, Receipt
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

WORDS = "Llegó rota y nadie responde <hace> nueve días"


@dataclass
class House:
    """A house on a clock that only moves when told, with one form per metric."""

    runtime: Runtime
    time: list[datetime]
    client: FlaskClient

    def wait(self, **length: float) -> None:
        self.time[0] += timedelta(**length)

    def work(self) -> None:
        Engine(self.runtime, worker="test").drain()

    def receipts(self) -> list[dict[str, Any]]:
        with self.runtime.db.reading() as session:
            bodies = session.scalars(select(Receipt.body).order_by(Receipt.id)).all()
        return [json.loads(body) for body in bodies if body]

    def page(self, path: str = "/f/aurora", **headers: str) -> str:
        return self.client.get(path, headers=headers).get_data(as_text=True)

    def send(self, path: str = "/f/aurora", *, ticket: str | None = None, **values: str) -> TestResponse:
        """Open the page, take three seconds, send it."""
        if ticket is None:
            ticket = ticket_of(self.page(path))
            self.wait(seconds=3)
        return self.client.post(path, data={"_ticket": ticket, **values})


def ticket_of(page: str) -> str:
    found = re.search(r'name="_ticket" value="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def text(answer: TestResponse) -> str:
    return unescape(answer.get_data(as_text=True))


def make(folder: Path, database: Path, **settings: Any) -> House:
    moment = [datetime(2026, 11, 20, 15, 0, tzinfo=UTC)]
    folder.mkdir()
    shutil.copy(database, folder)
    runtime = open_instance(load({}, instance=folder, **settings), clock=lambda: moment[0], create=True)
    with runtime.db.writing() as session:
        for slug, options in (
            ("aurora", {}),
            ("entrega", {"metric": "csat"}),
            ("palabras", {"metric": "none", "languages": ["pt", "en"]}),
        ):
            add_channel(session, runtime.host, kind="webform", name=slug, slug=slug, options=options, now=moment[0])
    house = House(runtime, moment, create_app(runtime).test_client())
    house.work()
    return house


@pytest.fixture
def house(tmp_path: Path, empty_database: Path) -> Iterator[House]:
    built = make(tmp_path / "instance", empty_database)
    yield built
    built.runtime.close()


# ——— The page


@pytest.mark.parametrize(("language", "word"), [("es", "Enviar"), ("pt", "opcional"), ("en", "Send")])
def test_a_form_in_three_languages_without_a_cookie(house: House, language: str, word: str) -> None:
    answer = house.client.get("/f/aurora", headers={"Accept-Language": f"{language}, de;q=0.5"})
    page = text(answer)
    assert answer.status_code == 200
    assert word in page
    assert f'<html lang="{ {"pt": "pt-BR"}.get(language, language) }"' in page
    assert "Set-Cookie" not in answer.headers
    assert "private" in answer.headers["Cache-Control"]
    assert house.page("/f/aurora?lang=en") != page or language == "en"


def test_only_the_languages_of_the_form(house: House) -> None:
    assert 'lang="pt-BR"' in house.page("/f/palabras?lang=es")
    assert "Español" not in house.page("/f/palabras")


@pytest.mark.parametrize("path", ["/f/aurora", "/f/entrega?lang=pt", "/t/", "/nope", "/t/XXXX"])
def test_pages_obey_the_strict_policy(house: House, path: str) -> None:
    answer = house.client.get(path)
    page = answer.get_data(as_text=True)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_looking_stores_nothing(house: House) -> None:
    before = house.receipts()
    for path in ("/f/aurora", "/f/aurora?score=3", "/t/", "/t/?code=BCDF", "/t/BCDF", "/nope", "/"):
        assert house.client.get(path).status_code < 500
        assert house.client.head(path).status_code < 500
    assert house.receipts() == before == []


# ——— Sending


def test_sent_is_durable_before_the_thanks(house: House) -> None:
    answer = house.send(text=WORDS, score="0", email="rosa@example.com", name="Rosa", consent="1")
    assert answer.status_code == 303
    (stored,) = house.receipts()
    assert stored["values"] == {
        "text": WORDS,
        "score": 0,
        "score.metric": "nps",
        "email": "rosa@example.com",
        "name": "Rosa",
        "consent": True,
    }
    assert stored["robot"] is None
    thanks = house.client.get(answer.location)
    code = re.search(r"c=(\w+)", answer.location)
    assert thanks.status_code == 200
    assert code is not None
    assert code[1] in text(thanks)
    assert f"/t/{code[1]}?s=" in text(thanks)
    assert thanks.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in thanks.headers


def test_the_page_language_is_kept(house: House) -> None:
    house.send("/f/aurora?lang=pt", text="Veio quebrada")
    assert house.receipts()[0]["language"] == "pt"


def test_double_submit_is_one(house: House) -> None:
    ticket = ticket_of(house.page())
    house.wait(seconds=3)
    first = house.send(ticket=ticket, score="0", text="Malo")
    second = house.send(ticket=ticket, score="0", text="Malo")
    assert first.location == second.location
    assert len(house.receipts()) == 1


def test_two_people_with_the_same_words_are_two(house: House) -> None:
    assert house.send(score="0", text="Malo").location != house.send(score="0", text="Malo").location
    assert len(house.receipts()) == 2


def test_every_error_at_once_and_everything_still_there(house: House) -> None:
    answer = house.send("/f/aurora?lang=es", text=WORDS, score="11", email="rosa@", phone="abc", consent="1")
    page = text(answer)
    assert answer.status_code == 422
    assert page.count("field__error") == 3
    for typed in (WORDS, 'value="rosa@"', 'value="abc"', 'value="1" checked'):
        assert typed in page
    assert "3 respuestas necesitan otra mirada" in page
    assert house.receipts() == []
    # Mended and sent at once with the page's own ticket: no robot, however quick.
    mended = house.send(ticket=ticket_of(page), text=WORDS, score="1")
    assert mended.status_code == 303
    assert house.receipts()[0]["robot"] is None


def test_an_empty_form_says_what_is_needed(house: House) -> None:
    assert "Elija un número o escriba" in text(house.send("/f/aurora?lang=es"))
    assert house.send("/f/palabras").status_code == 422
    assert house.receipts() == []


@pytest.mark.parametrize("case", ["expired", "forged", "of another form", "missing", "changed form"])
def test_a_page_that_no_longer_counts_keeps_what_was_typed(house: House, case: str) -> None:
    ticket = ticket_of(house.page("/f/entrega" if case == "of another form" else "/f/aurora"))
    house.wait(hours=25 if case == "expired" else 0.1)
    if case == "changed form":
        with house.runtime.db.writing() as session:
            channel = session.scalars(select(Channel).where(Channel.slug == "aurora")).one()
            channel.form_version += 1
    if case in ("forged", "missing"):
        ticket = ticket[:-1] + "~" if case == "forged" else ""
    answer = house.send(ticket=ticket, text=WORDS, score="2")
    page = text(answer)
    assert answer.status_code == (409 if case in ("expired", "changed form") else 422)
    assert WORDS in page
    assert 'value="2" checked' in page
    assert house.receipts() == []
    assert house.send(ticket=ticket_of(page), text=WORDS, score="2").status_code == 303
    assert house.receipts()[0]["robot"] is None


def test_other_words_from_the_same_page_are_not_swallowed(house: House) -> None:
    ticket = ticket_of(house.page())
    house.wait(seconds=3)
    house.send(ticket=ticket, text="Malo")
    answer = house.send(ticket=ticket, text=WORDS)
    assert answer.status_code == 409
    assert WORDS in text(answer)
    assert house.send(ticket=ticket_of(text(answer)), text=WORDS).status_code == 303
    assert [stored["values"]["text"] for stored in house.receipts()] == ["Malo", WORDS]


def test_robots_learn_nothing(house: House) -> None:
    person = house.send(text="Malo")
    trapped = house.send(text="Buy pills", _homepage="https://example.com")
    hasty = house.send(ticket=ticket_of(house.page()), text="Buy more")
    assert trapped.status_code == hasty.status_code == 303
    pages = [
        re.sub(r"\?v=\w+|c=\w+|s=[\w-]+|>\w{10}<|/t/\w+", "", house.page(answer.location))
        for answer in (person, trapped, hasty)
    ]
    assert len(set(pages)) == 1
    assert [bool(stored["robot"]) for stored in house.receipts()] == [False, True, True]
    house.work()
    with house.runtime.db.reading() as session:
        assert session.scalars(select(Receipt.state).order_by(Receipt.id)).all() == ["read", "robot", "robot"]


def test_too_often_keeps_the_text(tmp_path: Path, empty_database: Path) -> None:
    house = make(tmp_path / "instance", empty_database, form_rate="2/minute")
    try:
        answers = [house.send(text=f"{WORDS} {number}") for number in range(3)]
        assert [answer.status_code for answer in answers] == [303, 303, 429]
        assert f"{WORDS} 2" in text(answers[2])
        assert int(answers[2].headers["Retry-After"]) >= 60
        assert len(house.receipts()) == 2
    finally:
        house.runtime.close()


def test_a_busy_house_keeps_the_text(house: House) -> None:
    house.runtime.writer.close()
    answer = house.send(text=WORDS, score="3")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert WORDS in text(answer)
    assert 'value="3" checked' in text(answer)
    assert house.receipts() == []


# ——— Bad input


def post(house: House, body: bytes, kind: str = "application/x-www-form-urlencoded") -> TestResponse:
    return house.client.post("/f/aurora", data=body, content_type=kind)


def test_twenty_thousand_fields_are_refused(house: House) -> None:
    body = b"&".join(b"f%d=1" % number for number in range(20_000))
    assert post(house, body).status_code == 413
    parts = b"".join(b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % n for n in range(2_000))
    assert post(house, parts + b"--x--\r\n", "multipart/form-data; boundary=x").status_code == 413


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"atenci%F3n", "atención"),
        (b"as%C3%AD%0B fue", "así fue"),
        (b"as%C3%AD%ED%A0%BD%ED%B1%8D", "así👍"),
        (b"%%%zz%1", "%%%zz%1"),
        (b"&=&=;" + b"%FF" * 3, "ÿÿÿ"),
    ],
)
def test_strange_bytes_never_break_anything(house: House, sent: bytes, kept: str) -> None:
    ticket = ticket_of(house.page()).encode()
    house.wait(seconds=3)
    answer = post(house, b"_ticket=" + ticket + b"&text=" + sent.replace(b"&=&=;", b""))
    assert answer.status_code == 303
    assert house.receipts()[0]["values"]["text"] == kept


SPOILED = {
    "es": "caracteres que no se pueden guardar",
    "pt": "caracteres que não podem ser guardados",
    "en": "characters in here that cannot be kept",
}


def multipart(**values: bytes) -> bytes:
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in values.items()
    )
    return b"".join(parts) + b"--x--\r\n"


@pytest.mark.parametrize("language", ["es", "pt", "en"])
@pytest.mark.parametrize("bad", [b"\x00", "\ud83d".encode("utf-8", "surrogatepass")])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_cannot_be_kept_is_refused_and_the_rest_is_kept(
    house: House, language: str, bad: bytes, kind: str
) -> None:
    ticket = ticket_of(house.page())
    house.wait(seconds=3)
    sent = {"_ticket": ticket.encode(), "text": "Llegó ".encode() + bad + b"rota", "name": b"Rosa", "score": b"3"}
    body = multipart(**sent) if kind.endswith("=x") else urlencode(sent).encode()
    answer = house.client.post(f"/f/aurora?lang={language}", data=body, content_type=kind)
    assert answer.status_code == 422
    assert text(answer).count(SPOILED[language]) == 1
    assert "Llegó rota</textarea>" in text(answer)
    assert 'value="Rosa"' in text(answer)
    assert 'value="3" checked' in text(answer)
    assert house.receipts() == []
    again = house.send(ticket=ticket_of(text(answer)), text="Llegó rota", name="Rosa", score="3")
    assert again.status_code == 303
    assert house.receipts()[0]["values"]["text"] == "Llegó rota"


def test_what_was_taken_out_is_said_on_an_old_page_too(house: House) -> None:
    ticket = ticket_of(house.page())
    house.wait(hours=30)
    answer = house.send("/f/aurora?lang=en", ticket=ticket, text="a\x00b")
    assert answer.status_code == 409
    assert SPOILED["en"] in text(answer)
    assert "open for a long time" in text(answer)


@pytest.mark.parametrize("blank", ["\u200b", " \u2060\ufeff ", "\u2800\u3164"])
def test_a_text_that_shows_nothing_is_no_text(house: House, blank: str) -> None:
    answer = house.send(text=blank)
    assert answer.status_code == 422
    assert house.send(text=blank, score="0").status_code == 303
    assert "text" not in house.receipts()[0]["values"]


def test_other_shapes_are_answered_with_a_page(house: House) -> None:
    assert post(house, b"{}", "application/json").status_code == 415
    assert post(house, b"", "text/plain").status_code == 415
    assert post(house, b"text=" + b"x" * 2_000_000).status_code == 413
    too_long = house.send(text="x" * 10_001)
    assert too_long.status_code == 422
    assert "x" * 10_001 in text(too_long)
    assert house.receipts() == []


# ——— Status


def code_of(answer: TestResponse) -> str:
    found = re.search(r"c=(\w+)", answer.location)
    assert found is not None
    return found[1]


def test_the_code_alone_shows_no_words_and_no_names(house: House) -> None:
    answer = house.send(text=WORDS, score="1", name="Rosa Quispe", email="rosa@example.com")
    code = code_of(answer)
    house.work()
    page = text(house.client.get(f"/t/{code}?lang=es"))
    assert code in page
    assert "Recibimos su mensaje" in page
    for secret in (WORDS, "Rosa", "rosa@"):
        assert secret not in page
    assert WORDS not in text(house.client.get(f"/t/{code}?s=wrong"))


def test_the_signed_link_shows_the_conversation(house: House) -> None:
    answer = house.send(text=WORDS, score="1")
    house.work()
    link = re.search(r'href="(/t/[^"]+s=[^"]+)"', house.page(answer.location))
    assert link is not None
    shown = house.client.get(unescape(link[1]))
    assert WORDS in text(shown)
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in shown.headers["X-Robots-Tag"]
    # Every language link of a signed page stays signed.
    assert len(re.findall(r'href="/t/\w+\?[^"]*s=', shown.get_data(as_text=True))) == 3


def test_a_promise_shows_its_date_and_lateness_too(house: House) -> None:
    code = code_of(house.send(text=WORDS, score="0"))
    house.work()
    assert "A más tardar el" in house.page(f"/t/{code}?lang=es")
    house.wait(days=10)
    assert "Llegamos tarde: nuestro plazo era el" in house.page(f"/t/{code}?lang=es")


def test_praise_is_read_and_promises_nothing(house: House) -> None:
    code = code_of(house.send(score="10"))
    house.work()
    page = house.page(f"/t/{code}?lang=es")
    assert "Una persona lo lee" in page
    assert "Le respondemos" not in page


def test_codes_as_people_type_them(house: House) -> None:
    code = code_of(house.send(text="Malo"))
    typed = f" {code[:5].lower()}-{code[5:]} "
    found = house.client.get("/t/", query_string={"code": typed, "lang": "pt"})
    assert found.status_code == 302
    assert code in house.page(found.location)
    unknown = house.client.get("/t/BBBBBBBBBB?lang=es")
    assert unknown.status_code == 404
    assert "No hay ningún mensaje con este código" in text(unknown)


def test_thanks_only_by_its_link(house: House) -> None:
    answer = house.send(text="Malo")
    assert house.client.get(answer.location.replace("s=", "s=x")).status_code == 404
    assert house.client.get("/f/aurora/thanks").status_code == 404


# ——— The rest


def test_the_start_leads_to_the_door(house: House) -> None:
    assert house.client.get("/").location == "/login"


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "No hay nada en esta dirección"), ("pt", "Não há nada neste endereço"), ("en", "There is nothing")],
)
def test_error_pages_speak_the_readers_language(house: House, language: str, words: str) -> None:
    answer = house.client.get("/f/nope", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert words in text(answer)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Busy(), 503, "En este momento hay mucha actividad"),
        (Forbidden(), 403, "Esta página no es para esta cuenta"),
        (Conflict(), 409, "Alguien se adelantó"),
        (Invalid("x"), 422, "Algo de lo enviado no está bien"),
        (NotFound(), 404, "No hay nada en esta dirección"),
        (ZeroDivisionError("secret"), 500, "Algo falló de nuestro lado"),
    ],
)
def test_every_failure_has_a_page(house: House, error: Exception, status: int, words: str) -> None:
    def fail() -> str:
        raise error

    app = create_app(house.runtime)
    app.add_url_rule("/fails", view_func=fail)
    answer = app.test_client().get("/fails")
    assert answer.status_code == status
    assert words in text(answer)
    assert "secret" not in text(answer)
    assert "Content-Security-Policy" in answer.headers
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_a_wrong_method_names_the_right_ones(house: House) -> None:
    answer = house.client.put("/f/aurora")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert "text/html" in answer.content_type


def test_static_files_are_kept_by_their_hash(house: House) -> None:
    address = re.search(r'href="(/static/tokens\.css\?v=\w+)"', house.page())
    assert address is not None
    with house.client.get(address[1]) as kept:
        assert "immutable" in kept.headers["Cache-Control"]
    assert house.client.get("/static/../app.html").status_code == 404
