"""Identity numbers with check digits (Chile, Brazil, Mexico, Spain, Argentina, Peru, Colombia, Portugal) and IBAN.

A shape that is written like one (`12.345.678-5`) or the word beside it (`RUC`, `cédula`) makes a candidate; the check
digits, computed by `stdnum`, decide. Only DNI of Argentina and Peru, cédulas and passports have none: for them
the word decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from voc.analysis.personal.words import CODE, said_beside

_FROM, _TO = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a number is written; `checks` are modules of `stdnum`, one of which must accept it.

    `word`: that of `voc.analysis.personal.words` which must stand beside it; None: the shape alone is enough, unless an
    order or a parcel is spoken of.
    """

    pattern: re.Pattern[str]
    checks: tuple[str, ...]
    word: str | None = None


def _shape(pattern: str, *checks: str, word: str | None = None, flags: int = 0) -> _Shape:
    return _Shape(re.compile(_FROM + pattern + _TO, flags), checks, word)


_ANY_CASE = re.IGNORECASE
_SHAPES = (
    _shape(r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-?[0-9K]", "cl.rut", flags=_ANY_CASE),
    _shape(r"[0-9]{7,8}-[0-9K]", "cl.rut", flags=_ANY_CASE),
    _shape(r"[0-9]{7,8}-?[0-9K]", "cl.rut", word="rut", flags=_ANY_CASE),
    _shape(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}[-/.][0-9]{2}", "br.cpf"),
    _shape(r"[0-9]{9}-[0-9]{2}", "br.cpf"),
    _shape(r"[0-9]{3} [0-9]{3} [0-9]{3} [0-9]{2}", "br.cpf"),
    _shape(r"[0-9]{3}[. ]?[0-9]{3}[. ]?[0-9]{3}[-. ]?[0-9]{2}", "br.cpf", word="cpf"),
    _shape(r"[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}", "br.cnpj", flags=_ANY_CASE),
    _shape(r"[0-9]{8}/?[0-9]{4}-?[0-9]{2}", "br.cnpj", word="cnpj"),
    _shape(r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]", "mx.curp", flags=_ANY_CASE),
    _shape(r"[A-ZÑ&]{3,4}[- ]?[0-9]{6}[- ]?[0-9A-Z]{3}", "mx.rfc", flags=_ANY_CASE),
    _shape(r"[0-9]{8}-?[A-Z]", "es.dni", flags=_ANY_CASE),
    _shape(r"[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}[ -]?[A-Z]", "es.dni", word="dni", flags=_ANY_CASE),
    _shape(r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}-?[A-Z]", "es.dni", flags=_ANY_CASE),
    _shape(r"[XYZ][- ]?[0-9]{7}[- ]?[A-Z]", "es.nie", flags=_ANY_CASE),
    _shape(r"[0-9]{2}-[0-9]{8}-[0-9]", "ar.cuit"),
    _shape(r"[0-9]{2}[- ]?[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}[- ]?[0-9]", "ar.cuit", word="cuit"),
    _shape(r"[0-9]{11}", "pe.ruc", word="ruc"),
    _shape(r"[0-9]{1,3}\.?[0-9]{3}\.?[0-9]{3}[- ]?[0-9]", "co.nit", word="nit"),
    _shape(r"[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}", "pt.nif", word="nif"),
    _shape(r"PT ?[0-9]{9}", "pt.nif"),
    _shape(r"[0-9]{8}[ -]?[0-9][ -]?[A-Z0-9]{2}[0-9]", "pt.cc"),
    _shape(r"[0-9]{1,3}(?:[. ]?[0-9]{3}){1,3}[0-9]{0,2}(?:-[0-9]{1,2})?(?!-[A-Za-z])", word="any"),
)
_LEAST_DIGITS = 6  # of a number that only the word beside it makes one

_IBAN = re.compile(_FROM + r"[A-Z]{2}[0-9]{2}(?:[ -]?[0-9A-Z]{4}){2,7}(?:[ -]?[0-9A-Z]{1,3})?" + _TO, _ANY_CASE)
_IBAN_ENDS = re.compile(r"[ -]|\Z")


def identity_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Half-open spans of identity numbers, in no order; they may overlap."""
    for shape in _SHAPES:
        for match in shape.pattern.finditer(text):
            if _is_one(text, match, shape):
                yield match.span()


def _is_one(text: str, match: re.Match[str], shape: _Shape) -> bool:
    number = match.group()
    if shape.word and shape.word not in said_beside(text, *match.span()):
        return False
    if not shape.checks:
        return sum(map(str.isdigit, number)) >= _LEAST_DIGITS
    if not any(_is_valid(name, number) for name in shape.checks):
        return False
    return bool(shape.word) or CODE not in said_beside(text, *match.span())


def accounts(text: str) -> Iterator[tuple[int, int]]:
    """Half-open spans of international account numbers (IBAN); a word that follows in capitals is not part of it."""
    after = 0
    for match in _IBAN.finditer(text):
        start = match.start()
        ends = [start + part.start() for part in _IBAN_ENDS.finditer(match.group()) if part.start() >= 15]
        for end in reversed(ends):
            if start >= after and _is_valid("iban", text[start:end]):
                yield start, end
                after = end
                break


def _is_valid(name: str, number: str) -> bool:
    return _checker(name)(number.replace(" ", "").upper())


@cache
def _checker(name: str) -> Callable[[str], bool]:
    """The check of a module of `stdnum`, which is loaded at the first number that has its shape."""
    module = import_module(f"stdnum.{name}")
    if name == "iban":
        # The rules of each country's banks come on top of the check digits and need a module each.
        return lambda number: bool(module.is_valid(number, check_country=False))
    if name == "mx.rfc":
        return lambda number: bool(module.is_valid(number, validate_check_digits=True))
    return lambda number: bool(module.is_valid(number))
