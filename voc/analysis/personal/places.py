"""Postal addresses, best effort: a street word, a name, a number. Without a number nothing is an address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from voc.analysis.personal.words import is_amount

# What streets are called; those that are common words too count only before a name in capitals.
_STREET = (
    r"calles?|c/|avenidas?|avda|av|jir[oó]n|jr|pasaje|psje|pje|carrera|cra|kra|diagonal|transversal|paseo|plaza|plazuela"
    r"|camino|carretera|calzada|bulevar|blvd|urbanizaci[oó]n|urb|pr[oó]l|prolongaci[oó]n"
    r"|ruas?|travessa|alameda|pra[cç]a|rodovia|estrada|largo|via"
)
_COMMON = frozenset({"paseo", "plaza", "camino", "carrera", "diagonal", "largo", "via", "estrada", "urb", "av"})
_SIGN = r"(?:n[°ºo]\.?|nro\.?|num\.?|n[uú]mero|no\.|\#)"
_HOUSE = (
    rf"(?P<sign>,?\s?{_SIGN}\s?|,\s?|\s)(?P<number>[0-9]{{1,5}}[a-z]?(?:\s?-\s?[0-9]{{1,4}}[a-z]?)?)(?![0-9A-Za-z])"
)
_WORD = r"[^\W_][\w.'’-]{0,24}"
_NAME = rf"(?P<name>\s{{0,2}}{_WORD}(?:\s{{1,2}}{_WORD}){{0,5}}?)"
_MORE = (
    r"(?:\s?,?\s?(?:dpto|depto|dept|departamento|apto|apartamento|ap|piso|andar|int|interior|of|oficina|sala|casa|bloco"
    r"|torre|lote|mz|manzana|puerta|apt|suite|col|colonia|cep|cp|c\.p)\b\.?\s?[0-9]{0,6}[a-z]?\b(?:-[0-9]{1,4})?){0,4}"
)
_STREET_FIRST = re.compile(rf"(?<![^\W_])(?P<street>{_STREET})\.?(?=[\s0-9]){_NAME}{_HOUSE}{_MORE}", re.IGNORECASE)
_NUMBER_FIRST = re.compile(
    r"(?<![0-9A-Za-z])[0-9]{1,5}[A-Z]?(?:\s(?:[NSEW]\.?|North|South|East|West))?(?:\s[A-Z0-9][\w.'’-]{0,24}){1,4}?"
    r"\s(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Terrace|Place)\b\.?"
    r"(?:,?\s(?:Apt|Apartment|Suite|Unit|Flat)\.?\s?\#?[0-9]{1,5}[A-Z]?)?"
)
# Words of a sentence, not of a street's name: "en la calle hace 3 días".
_SENTENCE_WORDS = (
    "por para hace faz desde hasta con com sin sem en em no a que qué me se y e o es é son sao mas más muy muito "
    "esta está estoy estou fue foi cuando quando porque llegó chegou pago pagué paguei cuesta custa tengo tenho "
    "hay há tiene tem quiero quero compré comprei pedido unos unas cada casi quase como hoy hoje ayer ontem ya já "
    "nos les lhe un uma una um cerrada cerrado fechada llena lleno cheia pedí espero esperé esperando tardó "
    "demoró"
)
_SENTENCE = frozenset(_SENTENCE_WORDS.split())


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Half-open spans of addresses in a plain text, in no order; they may overlap."""
    for match in _STREET_FIRST.finditer(text):
        if _is_street(text, match):
            yield match.span()
    for match in _NUMBER_FIRST.finditer(text):
        yield match.span()


def _is_street(text: str, match: re.Match[str]) -> bool:
    words = match["name"].split()
    street = match["street"]
    if any(word.strip(".,").lower() in _SENTENCE for word in words):
        return False
    if is_amount(text, match.start("number"), match.end("number")):
        return False
    named = any(word[0].isupper() or word[0].isdigit() for word in words)
    marked = bool(match["sign"].strip())
    if street.lower() in _COMMON and not (street[0].isupper() or marked):
        return False
    # "los pinos 123" in small letters is a street when the number is not one of days or persons.
    return named or marked or len(match["number"]) >= 3
