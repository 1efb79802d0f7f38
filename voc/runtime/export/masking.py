"""The export without personal data: marks in its place, and nothing that could hold more of it.

What is known to be harmless (ids, times, closed words, numbers) goes through; everything else is looked at, so that
a new field is masked before anybody thinks of it. Raw text is left out: no mark can be put into a body as it arrived.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from voc.analysis.personal import Kind, Masked, mask
from voc.analysis.personal.marks import mark_of
from voc.core.zones import country_of
from voc.db import Database
from voc.runtime.export import queries

_HARMLESS_FIELDS = (
    "kind id receipt_id received_at sent_at channel channel_kind tracking_code language metric score stance mixed "
    "policy label probability consent customer_id case state content_type topic risk start end"
)
HARMLESS = frozenset(_HARMLESS_FIELDS.split())
# What a field of an author, or of the facts, is called, and what stands there instead of its value.
_AUTHOR = {"name": Kind.NAME, "email": Kind.EMAIL, "phone": Kind.PHONE}
_CALLED = {
    Kind.EMAIL: "email mail correo e_mail",
    Kind.PHONE: "phone mobile tel telefono telefone celular movil fone whatsapp",
    Kind.CARD: "card tarjeta cartao",
    Kind.ACCOUNT: "iban cuenta conta cci clabe cbu pix",
    Kind.IDENTITY: "dni nie nif rut run cpf cnpj rfc curp cuit cuil ruc nit cedula documento document passport"
    " pasaporte passaporte rg",
    Kind.ADDRESS: "address direccion endereco domicilio calle rua street",
    Kind.NAME: "nombre nome apellido apellidos sobrenome surname firstname lastname fullname username",
    Kind.OTHER: "nacimiento nascimento birth birthday birthdate ip handle usuario user cliente customer",
}
_KIND_OF = {word: kind for kind, words in _CALLED.items() for word in words.split()}
_NAME_OF_A_PERSON = frozenset(
    {"name", "first", "last", "full", "middle", "second", "contact", "display", "given", "family"}
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_LEAST_NUMBER = 10**6


def masked_records(db: Database, records: Iterable[dict[str, Any]], *, reader: str) -> Iterator[dict[str, Any]]:
    """The records with marks in the `reader`'s language (es, pt, en) in place of personal data, one by one."""
    with db.reading() as session:
        country, zone = queries.country_and_zone(session)
    home = country or country_of(zone)
    countries = (home,) if home else ()
    for record in records:
        yield _Mask(record, reader, countries).record()


class _Mask:
    """What is known about one record while it is masked."""

    def __init__(self, record: dict[str, Any], reader: str, countries: tuple[str, ...]) -> None:
        self._record = record
        self._reader = reader
        self._countries = countries
        author = record.get("author") or {}
        self._known = [(_AUTHOR.get(name, Kind.OTHER), item) for name, item in author.items() if isinstance(item, str)]

    def record(self) -> dict[str, Any]:
        """The masked record, its fields in the same order."""
        text = self._record.get("text")
        said = self._mask(text) if isinstance(text, str) else None
        return dict(self._fields(said))

    def _fields(self, said: Masked | None) -> Iterator[tuple[str, Any]]:
        for name, value in self._record.items():
            if name == "text":
                yield name, said.text if said else value
            elif name in ("raw", "raw_base64"):
                yield name, None if value is None else self._mark(Kind.OTHER)
            elif name == "author" and isinstance(value, Mapping):
                yield name, {its: self._author(its, item) for its, item in value.items()}
            elif name in ("opinions", "risks", "reasons") and isinstance(value, list) and said:
                yield name, [self._pointing(item, said) for item in value]
            else:
                yield name, self._value(value, name)

    def _author(self, name: str, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        return self._mark(_AUTHOR.get(name, Kind.OTHER))

    def _pointing(self, item: Any, said: Masked) -> Any:
        """What points into the text points to the same place in the masked one."""
        if (
            not isinstance(item, Mapping)
            or not isinstance(item.get("start"), int)
            or not isinstance(item.get("end"), int)
        ):
            return self._value(item, "")
        start, end = said.span(item["start"], item["end"])
        moved = {**item, "start": start, "end": end}
        if "word" in item:
            moved["word"] = said.text[start:end]
        return self._value(moved, "")

    def _value(self, value: Any, name: str) -> Any:
        if value is None or isinstance(value, bool) or name in HARMLESS:
            return value
        if isinstance(value, Mapping):
            return {self._mask(str(key)).text: self._value(inner, str(key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, name) for inner in value]
        kind = kind_of(name)
        if kind:
            return self._mark(kind)
        if isinstance(value, str):
            return self._mask(value).text
        if isinstance(value, int) and abs(value) >= _LEAST_NUMBER:
            written = self._mask(str(value))
            return written.text if written.found else value
        return value

    def _mask(self, text: str) -> Masked:
        return mask(
            text,
            reader=self._reader,
            language=self._record.get("language"),
            countries=self._countries,
            known=self._known,
        )

    def _mark(self, kind: Kind) -> str:
        return mark_of(kind, self._reader)


def kind_of(field: str) -> Kind | None:
    """What a field holds by its name (`customerPhone`, `correo_electronico`, `first_name`); None: nothing personal."""
    plain = "".join(char for char in unicodedata.normalize("NFD", field) if not unicodedata.combining(char))
    words = [word.lower() for word in _WORD.findall(plain)]
    for word in words:
        if word in _KIND_OF and _KIND_OF[word] is not Kind.OTHER:
            return _KIND_OF[word]
    if "name" in words and set(words) <= _NAME_OF_A_PERSON | set(_CALLED[Kind.OTHER].split()):
        return Kind.NAME
    return next((_KIND_OF[word] for word in words if word in _KIND_OF), None)
