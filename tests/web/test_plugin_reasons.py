"""Why a plugin is in quarantine, as its page says it: real bad plugins, read in Spanish and Portuguese."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.conftest import Desk, text
from voc.core.settings import Settings
from voc.core.vocabulary import RoleName

BEGIN = "from voc.plugin import Channel, hookimpl\nclass Board(Channel):\n    kind = '{kind}'\n"
HOOK = "@hookimpl\ndef voc_channels():\n    return [Board]\n"
MANIFEST = "name = '{name}'\ncontract = 1\nkinds = ['{name}']\n"
OFFER = "from voc.plugin import Action, hookimpl\nclass Etch(Action):\n    name = 'etch'\n"
ACTIONS = "@hookimpl\ndef voc_actions():\n    return [{item}]\n"
ACTING = "name = '{name}'\ncontract = 1\nactions = ['etch']\n"
MISSING = "acme_sdk_of_nobody"

Fault = tuple[str | None, str | None, str, str]
# What is wrong -> (the code, plugin.toml, what Spanish and Portuguese readers read).
FAULTS: dict[str, Fault] = {
    "copied": (
        BEGIN.replace("{kind}", "webform") + HOOK,
        MANIFEST.replace("['{name}']", "['webform']"),
        "el tipo de canal 'webform' ya es del plugin webform",
        "o tipo de canal 'webform' já é do plugin webform",
    ),
    "same_name": (
        "",
        "name = 'webform'\ncontract = 1\nkinds = ['other_board']\n",
        "el nombre 'webform' ya es del plugin webform",
        "o nome 'webform' já é do plugin webform",
    ),
    "no_toml": ("", None, "falta plugin.toml junto al código", "falta o plugin.toml ao lado do código"),
    "broken_toml": (
        "",
        "name = 'x\n",
        "no se puede leer plugin.toml: ",
        "não dá para ler o plugin.toml: ",
    ),
    "open_toml": ("", "name = 'x'\nkinds = [\n'a',\n", "; empieza en la línea 2", "; começa na linha 2"),
    "newer": (
        "",
        MANIFEST.replace("= 1", "= 2"),
        "plugin.toml: contract: se escribió para el contrato 2, más nuevo que el 1 de este voc; actualice voc",
        "plugin.toml: contract: foi escrito para o contrato 2, mais novo que o 1 deste voc; atualize o voc",
    ),
    "many": (
        "",
        "contract = 'x'\nkinds = 1\n[texts.es]\noptions = 3\n",
        "plugin.toml: contract: debe decir para qué contrato se escribió; este voc habla el 1; "
        "texts: es: options debe ser una tabla con una tabla por opción; name: debe indicarse como texto; "
        "kinds: debe ser una lista de palabras",
        "plugin.toml: contract: deve dizer para qual contrato foi escrito; este voc fala o 1; ",
    ),
    "no_code": (
        None,
        MANIFEST,
        "no hay ningún __init__.py junto a plugin.toml",
        "não há nenhum __init__.py ao lado do plugin.toml",
    ),
    "wanting": (
        f"import {MISSING}\n",
        MANIFEST,
        f"necesita el paquete de Python {MISSING}, que no está instalado: pip install {MISSING} "
        "[wanting/__init__.py:1]",
        f"precisa do pacote Python {MISSING}, que não está instalado: pip install {MISSING} [wanting/__init__.py:1]",
    ),
    "leaving": (
        "raise SystemExit(3)\n",
        MANIFEST,
        "terminó el programa mientras se importaba (SystemExit: 3) [leaving/__init__.py:1]",
        "encerrou o programa enquanto era importado (SystemExit: 3) [leaving/__init__.py:1]",
    ),
    "undeclared": (
        BEGIN.replace("{kind}", "other") + HOOK,
        MANIFEST,
        "el tipo de canal 'other' no está declarado en plugin.toml",
        "o tipo de canal 'other' não está declarado no plugin.toml",
    ),
    "no_list": (
        BEGIN + HOOK.replace("[Board]", "Board"),
        MANIFEST,
        "voc_channels debe devolver una lista, no type",
        "voc_channels deve devolver uma lista, não type",
    ),
    "formless": (
        BEGIN.replace("{kind}", "formless") + HOOK,
        MANIFEST + "capabilities = ['FORM']\n",
        "plugin.toml declara FORM, y form() no está",
        "o plugin.toml declara FORM, e form() não existe",
    ),
    "unnamed": (
        OFFER.replace("'etch'", "''") + ACTIONS.replace("{item}", "Etch()"),
        ACTING.replace("etch", "carve"),
        "voc_actions devolvió un objeto de la clase Etch sin nombre",
        "voc_actions devolveu um objeto da classe Etch sem nome",
    ),
    "idle": (
        OFFER + ACTIONS.replace("{item}", "Etch()"),
        ACTING,
        "acción 'etch' no tiene run()",
        "ação 'etch' não tem run()",
    ),
}
# What only a process of its own can do.
APART: dict[str, Fault] = {
    "gone": (
        "import os\nos._exit(0)\n",
        MANIFEST,
        "al cargarlo: su proceso terminó por sí mismo con el estado 0",
        "ao carregá-lo: o processo dele terminou sozinho com o status 0",
    ),
    "killed": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
        MANIFEST,
        "al cargarlo: su proceso fue terminado por SIGSEGV",
        "ao carregá-lo: o processo dele foi encerrado por SIGSEGV",
    ),
}


def drop(settings: Settings, faults: dict[str, Fault]) -> None:
    for name, (code, manifest, _, _) in faults.items():
        folder = settings.instance / "plugins" / name
        folder.mkdir(parents=True)
        for file, content in (("__init__.py", code), ("plugin.toml", manifest)):
            if content is not None:
                (folder / file).write_text(content.replace("{name}", name).replace("{kind}", name), encoding="utf-8")


@pytest.mark.parametrize("mode", ["worker", "process"])
def test_every_reason_is_read_in_the_readers_language(
    sqlite_settings: Settings, make_desk: Callable[..., Desk], mode: str
) -> None:
    faults = FAULTS | (APART if mode == "process" else {})
    drop(sqlite_settings, faults)
    desk = make_desk(plugins_in_worker=("*",) if mode == "worker" else ())
    states = {state.name: state for state in desk.runtime.host.states}
    assert {name: states[name].state for name in faults} == dict.fromkeys(faults, "quarantined")
    for language in ("es", "pt"):
        desk.hire(f"Olga{language}", RoleName.ADMIN, language=language)
        page = text(desk.browser(f"Olga{language}").visit("/plugins"))
        said = [spanish if language == "es" else portuguese for _, _, spanish, portuguese in faults.values()]
        assert [words for words in said if words not in page] == []
        assert [states[name].reason for name in faults if states[name].reason in page] == []
