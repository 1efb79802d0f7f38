"""Signing in and out, one's own account, and the people who work here."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from voc.app.factory import create_app
from voc.core.vocabulary import RoleName
from voc.model import SignInLink, User
from voc.security import users

PASSWORD = "lluvia sobre lima"
TYPED = {"password": PASSWORD, "again": PASSWORD}


def sign_in(desk: Any, email: str = "camila@aurora.example", password: str = PASSWORD, **more: str) -> tuple[Any, Any]:
    browser = desk.browser()
    page = browser.visit("/login?lang=en").text
    answer = browser.send("/login?lang=en", token=browser.token(page), email=email, password=password, **more)
    return browser, answer


@pytest.mark.parametrize(("language", "tag"), [("es", "es"), ("pt", "pt-BR"), ("en", "en")])
def test_the_door_speaks_three_languages(desk: Any, language: str, tag: str) -> None:
    page = desk.browser().visit(f"/login?lang={language}").text
    assert f'<html lang="{tag}">' in page
    assert all(f'href="/login?lang={other}"' in page for other in ("es", "pt", "en"))


def test_password_opens_the_door_and_next_leads_on(desk: Any) -> None:
    desk.browser("Camila", **TYPED)
    browser, answer = sign_in(desk, next="/cases/1")
    assert (answer.status_code, answer.location) == (303, "/cases/1")
    assert browser.visit("/inbox").status_code == 200
    # Whoever is in already goes on.
    assert browser.visit("/login").location == "/inbox"


def test_the_address_may_be_typed_in_any_case(desk: Any) -> None:
    desk.browser("Camila", **TYPED)
    assert sign_in(desk, email=" CAMILA@Aurora.example ")[1].status_code == 303


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_next_never_leaves_the_house(desk: Any, evil: str) -> None:
    desk.browser("Camila", **TYPED)
    assert sign_in(desk, next=evil)[1].location == "/inbox"


def test_unknown_wrong_and_inactive_get_the_same_answer(desk: Any) -> None:
    desk.browser("Camila", **TYPED)
    desk.browser("Patricia", **TYPED)
    with desk.runtime.db.writing() as session:
        users.deactivate(session, desk.people["Patricia"], actor=users.SYSTEM, now=desk.runtime.clock())
    pages = []
    for email, password in (
        ("camila@aurora.example", "something else"),
        ("nobody@aurora.example", PASSWORD),
        ("patricia@aurora.example", PASSWORD),
        ("lucia@aurora.example", ""),
    ):
        _, answer = sign_in(desk, email=email, password=password)
        assert answer.status_code == 401
        assert "do not match" in answer.text
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(set(pages)) == 1


def test_without_the_token_nobody_gets_in_and_the_address_stays(desk: Any) -> None:
    desk.browser("Camila", **TYPED)
    browser = desk.browser()
    answer = browser.send("/login?lang=en", token="", email="camila@aurora.example", password=PASSWORD)
    assert answer.status_code == 400
    assert 'value="camila@aurora.example"' in answer.text
    assert browser.visit("/inbox").status_code == 302


def test_too_many_attempts_are_told_to_wait(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(signin_rate="3/minute")
    desk.hire("Camila")
    browser = desk.browser()
    token = browser.token(browser.visit("/login?lang=en").text)
    codes = []
    for _ in range(4):
        answer = browser.client.post(
            "/login?lang=en",
            data={"csrf_token": token, "email": "x@y.z", "password": "p"},
            environ_overrides={"REMOTE_ADDR": "127.9.9.9"},
        )
        codes.append(answer.status_code)
    assert codes == [401, 401, 401, 429]
    assert "Too many attempts" in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_hostile_addresses_are_only_wrong(desk: Any) -> None:
    for email in ("a\x00b@c.d", "x" * 5000, "' OR 1=1 --", "%00", "é" * 400):
        assert sign_in(desk, email=email)[1].status_code == 401


def test_a_link_is_shown_by_get_and_used_by_post(desk: Any) -> None:
    path = desk.link("Camila")
    for _ in range(3):
        browser = desk.browser()
        assert browser.visit(path).status_code == 200
        assert browser.client.head(path).status_code == 200
    with desk.runtime.db.reading() as session:
        assert session.scalars(select(SignInLink.used_at)).all() == [None]
    first = desk.browser()
    page = first.visit(path)
    assert "camila@aurora.example" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert first.send(path, token=first.token(page.text)).location == "/inbox"
    assert first.visit("/inbox").status_code == 200
    late = desk.browser()
    assert late.send(path, token=late.token(late.visit("/login").text)).status_code == 410
    assert late.visit(path).status_code == 410
    assert late.visit("/welcome/never-was").status_code == 410


def test_a_link_runs_out(desk: Any, clock: Any) -> None:
    path = desk.link("Camila")
    clock.forward(hours=25)
    assert desk.browser().visit(path).status_code == 410


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"password": "short", "again": "short"}, "At least 10 characters"),
        ({"password": PASSWORD, "again": "another thing"}, "do not match"),
        ({"email": "patricia@aurora.example"}, "Somebody with this address is here already."),
        ({"email": "no address"}, "This is no e-mail address."),
    ],
)
def test_what_is_wrong_on_the_welcome_page_is_said_and_uses_nothing_up(
    desk: Any, typed: dict[str, str], message: str
) -> None:
    path = desk.link("Camila")
    browser = desk.browser()
    answer = browser.send(path, token=browser.token(browser.visit(path).text), name="Cami", **typed)
    assert answer.status_code == 422
    assert 'value="Cami"' in answer.text
    assert message in unescape(answer.text)
    assert browser.send(path, token=browser.token(answer.text)).status_code == 303


def test_the_welcome_page_keeps_what_was_given(desk: Any) -> None:
    desk.browser("Camila", name="Camila Ferreyra", email="cf@aurora.example", **TYPED)
    with desk.runtime.db.reading() as session:
        user = session.get_one(User, desk.people["Camila"])
        assert (user.name, user.email) == ("Camila Ferreyra", "cf@aurora.example")
        assert user.password is not None
        assert user.password.startswith("$argon2id$")
    assert sign_in(desk, email="cf@aurora.example")[1].status_code == 303


def test_signing_out_is_a_post_with_a_token(desk: Any) -> None:
    browser = desk.browser("Camila")
    assert browser.visit("/logout").status_code == 405
    browser.send("/logout", token="wrong")
    assert browser.visit("/inbox").status_code == 200
    assert browser.send("/logout").location == "/login"
    assert browser.visit("/inbox").status_code == 302


def test_cookies_are_closed(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(base_url="https://voc.example")
    desk.hire("Camila")
    path = desk.link("Camila")
    browser = desk.browser()
    cookie = browser.visit(path).headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=Lax"))


def test_plain_http_gets_a_cookie_that_works_there(desk: Any) -> None:
    cookie = desk.browser().visit("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_staying_signed_in_is_a_choice(desk: Any) -> None:
    desk.browser("Camila", **TYPED)
    assert sign_in(desk)[0].client.get_cookie("voc_remember") is None
    browser, _ = sign_in(desk, remember="on")
    browser.client.delete_cookie("voc_session")
    assert browser.visit("/inbox").status_code == 200


def test_public_pages_and_files_ask_for_nobody(desk: Any) -> None:
    browser = desk.browser("Camila")
    assert desk.statements(lambda: browser.visit("/static/tokens.css").close()) == 0
    for path in ("/static/tokens.css", "/t/"):
        answer = browser.visit(path)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        answer.close()


def test_letting_somebody_go_ends_the_session_at_once(desk: Any) -> None:
    agent, admin = desk.browser("Camila"), desk.browser("Lucia")
    assert agent.visit("/inbox").status_code == 200
    key = desk.people["Camila"]
    assert "Take the access of Camila away?" in admin.visit(f"/settings/users?leaving={key}").text
    admin.send(f"/settings/users/{key}/deactivate")
    assert agent.visit("/inbox").location == "/login?next=/inbox"


def test_own_account(desk: Any) -> None:
    browser = desk.browser("Camila")
    assert browser.send("/account", name="", language="en").status_code == 422
    assert browser.send("/account", name="Cami", language="pt").status_code == 303
    page = browser.visit("/account").text
    assert '<html lang="pt-BR">' in page
    assert 'value="Cami"' in page


def test_changing_the_password_ends_the_other_sessions(desk: Any) -> None:
    here, there = desk.browser("Camila"), desk.browser("Camila")
    assert here.send("/account/password", **TYPED).status_code == 303
    assert here.visit("/inbox").status_code == 200
    assert there.visit("/inbox").status_code == 302
    other = {"password": "sol sobre cuzco", "again": "sol sobre cuzco"}
    assert here.send("/account/password", current="wrong", **other).status_code == 422
    assert here.send("/account/password", current=PASSWORD, **other).status_code == 303
    assert sign_in(desk)[1].status_code == 401
    assert sign_in(desk, password="sol sobre cuzco")[1].status_code == 303


def test_signing_out_everywhere_else(desk: Any) -> None:
    here, there = desk.browser("Camila"), desk.browser("Camila")
    here.send("/account/sessions")
    assert here.visit("/inbox").status_code == 200
    assert there.visit("/inbox").status_code == 302


def test_people_are_for_those_who_may(desk: Any) -> None:
    assert desk.browser("Camila").visit("/settings/users").status_code == 403
    manager = desk.browser("Patricia")
    assert manager.visit("/settings/users").status_code == 200
    assert "Add somebody" not in manager.visit("/settings/users").text
    assert manager.send("/settings/users", email="a@b.c", name="A", role="admin").status_code == 403


def test_adding_somebody_shows_the_link_once(desk: Any) -> None:
    admin = desk.browser("Lucia")
    values = {"email": "diego@aurora.example", "name": "Diego", "role": "agent", "language": "es", "team_id": ""}
    answer = admin.send("/settings/users", **values)
    link = re.search(r'value="http://localhost(/welcome/[^"]+)"', answer.text)
    assert link is not None
    assert "/welcome/" not in admin.visit("/settings/users").text
    browser = desk.browser()
    assert browser.send(link[1], token=browser.token(browser.visit(link[1]).text)).location == "/inbox"
    again = admin.send("/settings/users", **values)
    assert again.status_code == 422
    assert "Somebody with this address is here already." in again.text
    assert 'value="Diego"' in again.text


def test_wrong_role_and_language_are_said(desk: Any) -> None:
    admin = desk.browser("Lucia")
    values = {"email": "diego@aurora.example", "name": "Diego"}
    assert admin.send("/settings/users", role="king", language="es", **values).status_code == 422
    assert admin.send("/settings/users", role="agent", language="fr", **values).status_code == 422


def test_the_last_administrator_stays(desk: Any) -> None:
    admin = desk.browser("Lucia")
    with desk.runtime.db.reading() as session:
        first = session.scalars(select(User.id).where(User.email == "admin@localhost")).one()
    admin.send(f"/settings/users/{first}/deactivate")
    admin.send(f"/settings/users/{desk.people['Lucia']}/deactivate")
    assert "The last administrator stays" in admin.visit("/settings/users").text


def test_a_new_link_for_somebody_who_forgot(desk: Any) -> None:
    admin = desk.browser("Lucia")
    answer = admin.send(f"/settings/users/{desk.people['Camila']}/link")
    assert re.search(r'value="http://localhost/welcome/[^"]+"', answer.text)
    assert admin.send("/settings/users/01900000-0000-7000-8000-000000000000/link").status_code == 404


def test_roles_are_not_taken_from_the_form(desk: Any) -> None:
    browser = desk.browser("Camila")
    browser.send("/account", name="Cami", language="en", role=RoleName.ADMIN.value, roles="admin")
    assert browser.visit("/settings/users").status_code == 403


def test_the_library_works_on_both_databases(runtime: Any) -> None:
    with runtime.db.writing() as session:
        user = users.add(
            session, email="ana@aurora.example", name="Ana", role=RoleName.AGENT, language="en", now=runtime.clock()
        )
        path = "/welcome/" + users.sign_in_link(session, user.id, now=runtime.clock())
    client = create_app(runtime).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert token is not None
    assert client.post(path, data={"csrf_token": token[1], **TYPED}).location == "/inbox"
    assert client.get("/inbox").status_code == 200
    client.delete_cookie("voc_session")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token is not None
    values = {"csrf_token": token[1], "email": "ANA@aurora.example", "password": TYPED["password"]}
    assert client.post("/login", data=values).location == "/inbox"


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_the_welcome_page_speaks_to_whom_it_is_for(desk: Any, language: str) -> None:
    desk.hire("Rosa", language=language)
    path = desk.link("Rosa")
    browser = desk.browser()
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "pt" if language != "pt" else "en"
    page = browser.visit(path).text
    tag = {"pt": "pt-BR"}.get(language, language)
    assert f'<html lang="{tag}">' in page
    short = browser.send(path, token=browser.token(page), password="short", again="short")
    assert short.status_code == 422
    assert f'<html lang="{tag}">' in short.text
    too_short = {"es": "Hacen falta al menos", "pt": "São necessários pelo menos", "en": "At least"}
    assert too_short[language] in unescape(short.text).split('id="password-error"')[1]
    assert browser.send(path, token=browser.token(short.text)).location == "/inbox"
    hello = {"es": "Todo listo", "pt": "Tudo pronto", "en": "Good to see you"}
    assert hello[language] in unescape(browser.visit("/inbox").text)
