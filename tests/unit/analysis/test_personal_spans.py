"""Personal data in text: numbers right and wrong by country, what must not be taken for it, hostile texts."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from tests.growth import grows_linearly
from voc.analysis.personal import Kind, find

# Made up; check digits computed. (language, text, what is found)
PEOPLE = [
    ("es", "escríbanme a ana.q+tienda@mail.example.pe, gracias", {"ana.q+tienda@mail.example.pe": Kind.EMAIL}),
    ("pt", "meu e-mail: José.Ñu@exemplo.com.br.", {"José.Ñu@exemplo.com.br": Kind.EMAIL}),
    ("es", "soy @ana@example.social", {"@ana@example.social": Kind.EMAIL}),
    ("es", "ana punto q arroba example punto com", {"q arroba example punto com": Kind.EMAIL}),
    ("en", "it is ana (at) example.com", {"ana (at) example.com": Kind.EMAIL}),
    ("es", "ana＠example.com", {"ana＠example.com": Kind.EMAIL}),
    ("es", "es ４１１１ １１１１ １１１１ １１１１", {"４１１１ １１１１ １１１１ １１１１": Kind.CARD}),
    ("es", "mi cel 987 654 321 o 987654322", {"987 654 321": Kind.PHONE, "987654322": Kind.PHONE}),
    ("es", "teléfono 456-7890", {"456-7890": Kind.PHONE}),
    ("es", "llámenme al +56 9 8765 4321.", {"+56 9 8765 4321": Kind.PHONE}),
    ("es", "desde México 55 1234 5678", {"55 1234 5678": Kind.PHONE}),
    ("es", "mi whatsapp: 5215512345678", {"5215512345678": Kind.PHONE}),
    ("es", "en Bogotá 300 123 4567 o 3001234567", {"300 123 4567": Kind.PHONE, "3001234567": Kind.PHONE}),
    ("es", "Buenos Aires: (011) 4567-8901", {"(011) 4567-8901": Kind.PHONE}),
    ("es", "soy de Madrid, 612 34 56 78", {"612 34 56 78": Kind.PHONE}),
    ("pt", "ligue para (11) 98765-4321 ou 11987654321", {"(11) 98765-4321": Kind.PHONE, "11987654321": Kind.PHONE}),
    ("pt", "telemóvel 912 345 678 / +351 912345678", {"912 345 678": Kind.PHONE, "+351 912345678": Kind.PHONE}),
    ("en", "call (202) 456-1111 or +44 7400 123456", {"(202) 456-1111": Kind.PHONE, "+44 7400 123456": Kind.PHONE}),
    ("es", "tarjeta 4111 1111 1111 1111 venc 12/26", {"4111 1111 1111 1111": Kind.CARD}),
    ("es", "amex 3782-822463-10005", {"3782-822463-10005": Kind.CARD}),
    ("es", "la 4111111111111111, cvv 123", {"4111111111111111": Kind.CARD}),
    ("es", "4\u200b111 1111 1111 1111", {"4\u200b111 1111 1111 1111": Kind.CARD}),
    ("es", "RUT 12.345.678-5", {"12.345.678-5": Kind.IDENTITY}),
    ("es", "rut: 123456785", {"123456785": Kind.IDENTITY}),
    ("es", "9.007.860-7 y 10.000.013-K", {"9.007.860-7": Kind.IDENTITY, "10.000.013-K": Kind.IDENTITY}),
    ("pt", "CPF 111.444.777-35, cpf 11144477735", {"111.444.777-35": Kind.IDENTITY, "11144477735": Kind.IDENTITY}),
    ("pt", "CNPJ 11.222.333/0001-81", {"11.222.333/0001-81": Kind.IDENTITY}),
    ("es", "CURP HEGG560427MVZRRL04", {"HEGG560427MVZRRL04": Kind.IDENTITY}),
    ("es", "rfc GODE561231GR8", {"GODE561231GR8": Kind.IDENTITY}),
    ("es", "mi DNI es 12345678Z, el NIE X-2482300-W", {"12345678Z": Kind.IDENTITY, "X-2482300-W": Kind.IDENTITY}),
    ("es", "CUIT 20-26756539-3", {"20-26756539-3": Kind.IDENTITY}),
    ("es", "DNI 30.123.456 y DNI: 45678912", {"30.123.456": Kind.IDENTITY, "45678912": Kind.IDENTITY}),
    ("es", "45678912 (mi DNI)", {"45678912": Kind.IDENTITY}),
    ("es", "RUC N° 20512333797", {"20512333797": Kind.IDENTITY}),
    ("es", "NIT 213.123.432-1", {"213.123.432-1": Kind.IDENTITY}),
    ("es", "cédula de ciudadanía 1.020.304.050", {"1.020.304.050": Kind.IDENTITY}),
    ("pt", "NIF 501964843", {"501964843": Kind.IDENTITY}),
    ("es", "IBAN ES91 2100 0418 4502 0005 1332 PARA el pago", {"ES91 2100 0418 4502 0005 1332": Kind.ACCOUNT}),
    ("es", "Av. Arequipa 1234 dpto 502, Lince", {"Av. Arequipa 1234 dpto 502": Kind.ADDRESS}),
    ("es", "vivo en la calle los pinos 456", {"calle los pinos 456": Kind.ADDRESS}),
    ("es", "Calle 45 # 12-34 piso 2", {"Calle 45 # 12-34 piso 2": Kind.ADDRESS}),
    ("pt", "moro na Rua das Flores, 123, apto 45", {"Rua das Flores, 123, apto 45": Kind.ADDRESS}),
    ("en", "I live at 221B Baker Street", {"221B Baker Street": Kind.ADDRESS}),
]  # fmt: skip

# Numbers that are nobody's: wrong check digits, orders, prices, dates, codes.
NOBODY = [
    "RUT 12.345.678-9", "CPF 111.444.777-00", "CNPJ 11.222.333/0001-82", "CURP HEGG560427MVZRRL05", "RFC GODE561231GR9",
    "DNI 12345678A", "NIE X2482300A", "CUIT 20-26756539-4", "RUC 20512333798", "NIT 213.123.432-2", "NIF 501964844",
    "IBAN ES92 2100 0418 4502 0005 1332", "tarjeta 4111 1111 1111 1112", "4111111111111111000000",
    "411111111111111111111111", "20512333797", "501964843", "45678912", "1020304050",
    "Pedido 123456789", "pedido n° 987654321", "orden #3001234567", "Número de orden: 987654321", "order 2024000123456",
    "guía 987654321098", "código de rastreo 1Z999AA10123456784", "AA123456785BR", "pedido 11144477735",
    "saw it on TV back in 1973",
    "S/ 1,234.50", "$ 987654321", "R$ 1.234.567,89", "costó 1 234 567 pesos", "COP 987.654.321",
    "total 3001234567 pesos",
    "el 12-03-2024 o 2024-03-12 o 12/03/2024", "12 03 2024", "a las 10:30:15", "entre 2019 2020 2021 2022 y 2023",
    "en la calle hace 3 días", "una avenida por 200 soles", "la plaza 3 veces", "arroba", "2 @ 3", "@tienda", "a@b",
    "10 000 puntos", "100 200 300", "versión 10.2.33.4567", "de 1 a 10 le doy 0", "1 2 3 4 5 6 7 8 9 10 11 12",
    "192.168.100.200", "", " ", "Pésima atención, nunca más vuelvo", "0190a1b2-1234-7123-8123-123456789012",
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "wanted"), PEOPLE, ids=[text for _, text, _ in PEOPLE])
def test_found_where_it_stands(language: str, text: str, wanted: dict[str, Kind]) -> None:
    assert {text[item.start : item.end]: item.kind for item in find(text, language=language)} == wanted


@pytest.mark.parametrize("text", NOBODY)
def test_what_is_nobodys_stays(text: str) -> None:
    for language in ("es", "pt"):
        assert [text[item.start : item.end] for item in find(text, language=language, countries=("PE",))] == []


def test_country_of_the_house_decides_on_bare_numbers() -> None:
    assert find("5512345678", language="es") == []
    assert [item.kind for item in find("5512345678", language="es", countries=("MX",))] == [Kind.PHONE]


def test_what_is_known_is_found_again() -> None:
    text = "Habla José Pérez, soy JOSE PEREZ, cliente C-7788; Pérez con tilde; una pera"
    found = find(text, language="es", known=[(Kind.NAME, "José Pérez"), (Kind.OTHER, "c-7788")])
    assert [text[item.start : item.end] for item in found] == ["José Pérez", "JOSE PEREZ", "C-7788", "Pérez"]


@given(st.text(alphabet="0123456789", min_size=13, max_size=19))
def test_a_card_is_what_passes_the_check(digits: str) -> None:
    kinds = {item.kind for item in find(f"x {digits} x", language="en") if item.end - item.start == len(digits)}
    assert (Kind.CARD in kinds) == (luhn.is_valid(digits) and bool(digits.strip("0")))


def test_random_cards_of_every_network_are_found() -> None:
    chance = random.Random(7)
    for prefix, size in (
        ("4", 16),
        ("51", 16),
        ("2221", 16),
        ("34", 15),
        ("36", 14),
        ("6011", 16),
        ("3530", 16),
        ("62", 19),
    ):
        for _ in range(20):
            body = prefix + "".join(chance.choice("0123456789") for _ in range(size - len(prefix) - 1))
            number = body + luhn.calc_check_digit(body)
            wrong = body + str((int(number[-1]) + 1) % 10)
            assert [item.kind for item in find(f"pedido {number}.", language="es")] == [Kind.CARD], number
            assert [item for item in find(f"pedido {wrong}.", language="es") if item.kind is Kind.CARD] == [], wrong


BAIT = [
    "1", "@", " ", "a@", "a@a.", "1 ", "12 ", "4111 ", "a.", "12.", "1-", "(1", "987654321 ", "tel 12345678 ",
    "dni 12345678a ", "calle a b c d ", "1 A A ", "A", "arroba ", "ES91 2100 ", "PT 123456789 ", "111.444.777-35 ",
    "[e-mail]", "1\u200b", "+1 ", "c/ 1", "(at)", "av a 1, ", "12345678-9 ", "+51987654321 ",
]  # fmt: skip


@pytest.mark.parametrize("bait", BAIT)
def test_hostile_text_takes_linear_time(bait: str) -> None:
    assert grows_linearly(lambda size: find((bait * size)[:size], language="es", countries=("PE",)), 10_000)


def test_libraries_come_late_and_without_warnings() -> None:
    code = (
        "import sys; from voc.analysis.personal import find\n"
        "def loaded(): return sorted(n for n in ('phonenumbers', 'stdnum') if n in sys.modules)\n"
        "find('Nadie contesta el correo ana@example.com'); assert loaded() == [], loaded()\n"
        "find('cel 987654321, RUT 12.345.678-5', language='es'); assert loaded() == ['phonenumbers', 'stdnum']\n"
        "plans = [n for n in sys.modules if n.startswith('phonenumbers.data.region_')]\n"
        "assert len(plans) < 12, plans\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
