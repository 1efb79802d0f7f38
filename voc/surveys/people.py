"""A pasted or uploaded list of people: bare addresses, or a table whose first line names its columns. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from voc.core.errors import Permanent
from voc.core.text import fold, one_line, storable
from voc.surveys.address import normal

MOST = 20_000
MOST_FACTS = 20
LONGEST_FACT = 200
LONGEST_SHOWN = 80

NO_ADDRESS = "This is no e-mail address."
TWICE = "This address stands in the list already."
NO_COLUMNS = "Beside an address nothing can stand here unless the first line names the columns."
TOO_MANY = "This list is too long; at most 20,000 people can be invited at once."
NO_TABLE = "From here on this is no table; perhaps a quotation mark is missing."

# What a column may be called, folded and without spaces, dots and dashes.
COLUMNS: Mapping[str, frozenset[str]] = {
    "email": frozenset({"email", "mail", "correo", "correoelectronico", "emailaddress"}),
    "name": frozenset({"name", "nombre", "nome"}),
    "language": frozenset({"language", "lang", "idioma"}),
    "external_id": frozenset({"externalid", "customerid", "idcliente", "clienteid"}),
    "unit": frozenset({"unit", "unidad", "unidade"}),
    "about": frozenset({"about", "sobre"}),
}
_PERSON = re.compile(r'(?:"([^"]*)"|([^"<>,;\t]*?))\s*<([^<>\s]*)>|([^\s<>,;"]*@[^\s<>,;"]*)')
# One cell of a table, whose own quotation marks are gone already.
_NAMED = re.compile(r"([^<>]*)<([^<>\s]*)>")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to ask. `facts` are written beside the answer; `about` among them is shown with the question."""

    email: str
    name: str | None = None
    language: str | None = None
    external_id: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that could not be understood, as it was typed; `what` is a message id."""

    line: int
    text: str
    what: str


@dataclass(frozen=True, slots=True)
class People:
    """Whom the list names, each once, and the lines that say nothing usable."""

    people: tuple[Person, ...]
    problems: tuple[Problem, ...]


def read_people(text: str) -> People:
    """Everybody in `text`; nothing is raised, what is wrong is a problem of its line."""
    lines = storable(text.removeprefix("\ufeff")).splitlines()
    first = next((line for line in lines if line.strip()), "")
    columns = _columns(first)
    found: dict[str, Person] = {}
    problems: list[Problem] = []
    rows = _table(lines, columns, _delimiter(first)) if columns else _bare(lines)
    for line, person, shown in rows:
        if isinstance(person, str):
            problems.append(Problem(line, one_line(shown)[:LONGEST_SHOWN], person))
        elif person.email.casefold() in found:
            problems.append(Problem(line, person.email[:LONGEST_SHOWN], TWICE))
        elif len(found) >= MOST:
            problems.append(Problem(line, person.email[:LONGEST_SHOWN], TOO_MANY))
            break
        else:
            found[person.email.casefold()] = person
    return People(tuple(found.values()), tuple(problems))


Row = tuple[int, Person | str, str]


def _delimiter(first: str) -> str:
    return max(";,\t", key=first.count)


def _columns(first: str) -> list[str]:
    """What the columns hold, by our names where we know them; empty when this is no line of names."""
    names = []
    for cell in next(csv.reader([first], delimiter=_delimiter(first)), []):
        plain = re.sub(r"[^a-z0-9]", "", fold(cell))
        known = next((name for name, words in COLUMNS.items() if plain in words), None)
        names.append(known or one_line(cell)[:40])
    return names if "email" in names else []


def _table(lines: Sequence[str], columns: Sequence[str], delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter)
    header = True
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, NO_TABLE, ""
            return
        if not header and any(cell.strip() for cell in cells):
            values = {name: one_line(cell) for name, cell in zip(columns, cells, strict=False) if name and cell.strip()}
            yield reader.line_num, _person(_apart(values)), delimiter.join(cells)
        header = header and not any(cell.strip() for cell in cells)


def _bare(lines: Sequence[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        rest = line
        for match in _PERSON.finditer(line):
            quoted, plain, bracketed, alone = match.groups()
            rest = rest.replace(match[0], "", 1)
            yield (
                number,
                _person({"email": bracketed or alone or "", "name": one_line(quoted or plain or "")}),
                match[0],
            )
        if rest.strip(" ,;\t"):
            yield number, NO_COLUMNS if rest != line else NO_ADDRESS, line


def _apart(values: dict[str, str]) -> dict[str, str]:
    """`Ana <ana@example.com>` in the column of addresses as address and, where no other column has one, name."""
    match = _NAMED.fullmatch(values.get("email", "").strip())
    if match is None:
        return values
    name = match[1].strip().strip('"').strip()
    return {**({"name": name} if name else {}), **values, "email": match[2]}


def _person(values: Mapping[str, str]) -> Person | str:
    try:
        email = normal(values.get("email", ""))
    except Permanent:
        return NO_ADDRESS
    more = {name: value[:LONGEST_FACT] for name, value in values.items() if name not in ("email", *_OWN)}
    return Person(
        email=email,
        name=values.get("name", "")[:200] or None,
        language=values.get("language", "")[:2].lower() or None,
        external_id=values.get("external_id", "")[:320] or None,
        facts=dict(list(more.items())[:MOST_FACTS]),
    )


_OWN = ("name", "language", "external_id")
