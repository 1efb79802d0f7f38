"""docs/plugins/tutorial.md, followed from the first line to the last in an empty folder."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
import requests

from .desk import PATIENCE, Desk
from .paper import ByHand, File, Shown, Typed, steps

pytestmark = pytest.mark.slow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "tutorial.md"
# The ports of the page, which may be taken on this machine.
PORTS = ("8080", "8765")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    yield found
    found.leave()


@pytest.fixture
def page() -> str:
    """The page with ports that are free here."""
    text = PAGE.read_text(encoding="utf-8")
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    for name, door in zip(PORTS, taken, strict=True):
        text = text.replace(name, str(door.getsockname()[1]))
    for door in taken:
        door.close()
    return text


class Agent:
    """The reader in the browser."""

    def __init__(self, served: str) -> None:
        found = re.search(r"(http://[\d.:]+)(/welcome/\S+)", served)
        assert found is not None, served
        self.url = found[1]
        self.session = requests.Session()
        page = self.session.get(found[0]).text
        assert "/welcome" not in self.session.post(found[0], data=fields(page, found[2])).url

    def case(self) -> str:
        """The address of the one case."""
        links: set[str] = set()
        deadline = time.monotonic() + PATIENCE
        while not links and time.monotonic() < deadline:
            links = set(re.findall(r'href="(/cases/[0-9a-f-]{36})"', self.session.get(f"{self.url}/inbox").text))
            time.sleep(0.2)
        (found,) = links
        return found

    def answer(self, text: str) -> None:
        """Open the case and answer."""
        case = self.case()
        page = self.session.get(self.url + case).text
        assert "El pedido llegó roto" in words(page)
        typed = {**fields(page, f"{case}/say"), "kind": "answer", "text": text}
        done = self.session.post(f"{self.url}{case}/say", data=typed)
        assert done.status_code == 200
        assert text in words(done.text)

    def sees(self, test: Callable[[str], bool]) -> bool:
        """Whether the case comes to look like that."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if test(words(self.session.get(self.url + self.case()).text)):
                return True
            time.sleep(0.2)
        return False


def words(page: str) -> str:
    """What a person reads on a page, without the marks and numbers of what carried the judgement."""
    return unescape(re.sub(r"<sup.*?</sup>|<[^>]+>", "", page, flags=re.DOTALL))


def fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    forms = page.split("<form")[1:]
    form = next((part for part in forms if f'action="{action}"' in part.split(">")[0]), forms[0])
    found = {}
    for item in re.findall(r"<input[^>]*>", form.split("</form>")[0]):
        attributes = {name: unescape(value) for name, value in re.findall(r'([a-z]+)="([^"]*)"', item)}
        if attributes.get("name") and attributes.get("type", "text") in ("hidden", "text"):
            found[attributes["name"]] = attributes.get("value", "")
    return found


def test_whoever_follows_it_arrives(desk: Desk, page: str) -> None:
    agent = None
    for step in steps(page):
        match step:
            case File():
                desk.write(step)
            case Typed():
                desk.type(step)
            case ByHand("answer", text):
                agent = Agent(desk.output("third terminal"))
                agent.answer(text)
            case ByHand("joined", _):
                assert agent is not None
                assert agent.sees(lambda text: "Gracias, ya lo vi." in text)
            case ByHand("changed", _):
                assert agent is not None
                assert agent.sees(lambda text: "llegó roto. Quiero" in text and "Gracias, ya lo vi." not in text)
            case ByHand("stop", _):
                desk.stop("second terminal")
            case ByHand(what, _):
                raise AssertionError(f"nobody does {what}")
            case Shown():
                files = [*desk.root.rglob("*.toml"), *desk.root.rglob("*.py")]
                assert any(step.text in path.read_text(encoding="utf-8") for path in files), step.text
