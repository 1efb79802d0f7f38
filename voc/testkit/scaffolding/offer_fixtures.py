"""The fixtures of a new plugin that is no channel: texts beyond doubt for an analyzer, the other side for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voc.testkit.scaffolding.offers import PARTS
from voc.testkit.scaffolding.papers import filled

VALUES = '    values = {"note": "Mirar hoy"}\n'
# What the server has for those that ask it something.
PAGES = {
    "slot": '"/customers": {"facts": {"Pedido 991": "en camino"}}',
    "command": '"/status": {"state": "open"}',
}


def code(words: Mapping[str, str], offers: Sequence[str]) -> str:
    """`fixtures.py`; `offers` are keys of PARTS."""
    others = [offer for offer in offers if offer != "analyzer"]
    asks = any(PARTS[offer].asks for offer in offers)
    kit = {"Answer", "Asked", "HttpVendor"} if asks else set()
    kit |= {"AnalyzerFixtures"} if "analyzer" in offers else set()
    kit |= {"OfferFixtures"} if others else set()
    text = _HEAD.replace("@standard@", "from contextlib import AbstractContextManager\n\n" if asks else "")
    text = text.replace("@kit@", ", ".join(sorted(kit)))
    if "analyzer" in offers:
        text += _ANALYZER
    if asks:
        pages = ", ".join(PAGES[offer] for offer in offers if offer in PAGES)
        text += _SERVER.replace("@pages@", _PAGES.replace("@pages@", pages) if pages else "")
        text = text.replace("@get@", _GET if pages else "").replace("@gap@", "\n" if "analyzer" in offers else "")
    if others:
        text += _FIXTURES.replace("@settings@", '\n    settings = {"token": TOKEN}\n' if asks else "")
        text = text.replace("@values@", VALUES if others == ["action"] else "")
        text += _RUNNING if asks else ""
    if "action" in others and len(others) > 1:
        text += _ACTION + VALUES
    return filled(text, words)


_HEAD = '''\
"""What the conformance kit needs to know of @title@. FILL IN whatever is only a guess."""

from __future__ import annotations

@standard@from voc.testkit import @kit@
'''

_ANALYZER = '''

class @class@AnalyzerFixtures(AnalyzerFixtures):
    """FILL IN: texts of your customers of which the label is beyond doubt, and texts without a ground."""

    negative = (
        ("The service was terrible.", "en"),
        ("El servicio fue terrible.", "es"),
        ("O serviço foi péssimo.", "pt"),
    )
    positive = (
        ("An excellent answer!", "en"),
        ("¡Una excelente respuesta!", "es"),
        ("Uma excelente resposta!", "pt"),
    )
    no_ground = (
        ("The parcel is on the table.", "en"),
        ("El paquete está en la mesa.", "es"),
        ("O pacote está na mesa.", "pt"),
    )
'''

_SERVER = '''@gap@
TOKEN = "token-of-the-fixtures"


class Server(HttpVendor):
    """FILL IN: the other side, as far as it is asked. What goes wrong there is brought by HttpVendor."""

@pages@    def answer(self, asked: Asked) -> Answer:
        """What it answers."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer({"error": "who are you?"}, 401)
@get@        self.take(asked.headers.get("idempotency-key", ""), asked.body.decode())
        return Answer({"taken": True})
'''

_PAGES = """\
    pages = {@pages@}

"""

_GET = """\
        if asked.method == "GET":
            found = self.pages.get(asked.path)
            return Answer({"error": "not found"}, 404) if found is None else Answer(found)
"""

_FIXTURES = '''

class @class@Fixtures(OfferFixtures):
    """FILL IN: settings with which it works, and what it is given."""
@settings@@values@'''

_RUNNING = '''
    def vendor(self) -> AbstractContextManager[Server]:
        """The server, running."""
        return Server.running()
'''

_ACTION = '''

class @class@ActionFixtures(@class@Fixtures):
    """The same for the action, with what a rule gives it."""

    name = "action @kind@"
'''
