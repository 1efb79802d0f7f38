"""Lists of people as they are pasted and uploaded: whoever is meant is found, whatever is not understood is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.surveys import people
from voc.surveys.people import Person, read_people


def found(text: str) -> list[Person]:
    result = read_people(text)
    assert result.problems == ()
    return list(result.people)


@pytest.mark.parametrize(
    "text",
    [
        "ana@x.pe\neva@y.pe",
        "ana@x.pe, eva@y.pe",
        " ana@x.pe ;\r\n\r\n eva@y.pe ;",
        "\ufeffana@x.pe\teva@y.pe",
        "<ana@x.pe> <eva@y.pe>",
    ],
)
def test_bare_addresses(text: str) -> None:
    assert [person.email for person in found(text)] == ["ana@x.pe", "eva@y.pe"]


def test_names_before_addresses() -> None:
    assert found('Ana Ruiz <ana@x.pe>; "Quispe, Eva" <eva@y.pe>') == [
        Person("ana@x.pe", "Ana Ruiz"),
        Person("eva@y.pe", "Quispe, Eva"),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_with_our_columns_in_three_languages(mark: str) -> None:
    for header in (["email", "name", "language"], ["Correo", "Nombre", "Idioma"], ["E-mail", "Nome", "idioma"]):
        text = "\n".join(mark.join(cells) for cells in (header, ["ana@x.pe", "Ana", "pt-BR"], ["eva@y.pe", "", ""]))
        assert found(text) == [Person("ana@x.pe", "Ana", "pt"), Person("eva@y.pe")]


def test_a_name_beside_the_address_in_its_column() -> None:
    text = 'correo;nombre\nAna <ana@x.pe>;\n"Quispe, Eva" <eva@y.pe>;Evita\n<leo@z.pe>;\n"""Ruiz, Bea"" <bea@z.pe>";\n'
    assert found(text) == [
        Person("ana@x.pe", "Ana"),
        Person("eva@y.pe", "Evita"),
        Person("leo@z.pe"),
        Person("bea@z.pe", "Ruiz, Bea"),
    ]
    (problem,) = read_people("correo;nombre\nAna <ana@x.pe> o <eva@y.pe>;\n").problems
    assert problem.what == people.NO_ADDRESS


def test_further_columns_are_facts() -> None:
    text = 'id cliente,email,sobre,Unidad,Tienda visitada\n77,ana@x.pe,"Pedido 1, entregado",Lima,Centro\n'
    (person,) = found(text)
    assert person.external_id == "77"
    assert person.facts == {"about": "Pedido 1, entregado", "unit": "Lima", "Tienda visitada": "Centro"}


def test_rows_that_are_too_short_or_too_long() -> None:
    assert found("email,name\nana@x.pe\neva@y.pe,Eva,more\n\n,,\n") == [Person("ana@x.pe"), Person("eva@y.pe", "Eva")]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("ana@x.pe\nana@", 2, people.NO_ADDRESS),
        ("hola", 1, people.NO_ADDRESS),
        ("email\nhola\n", 2, people.NO_ADDRESS),
        ("ana@x.pe\nANA@X.PE", 2, people.TWICE),
        ("email,name\nana@x.pe,A\nAna@x.pe,B", 3, people.TWICE),
        ("ana@x.pe,Ana Ruiz", 1, people.NO_COLUMNS),
        ("name\nAna", 1, people.NO_ADDRESS),
    ],
)
def test_what_is_not_understood_is_said_with_its_line(text: str, line: int, what: str) -> None:
    result = read_people(text)
    assert any((problem.line, problem.what) == (line, what) for problem in result.problems), result


def test_a_missing_quotation_mark_is_said() -> None:
    result = read_people('email,name\nana@x.pe,"' + "x" * 200_000)
    assert [problem.what for problem in result.problems] == [people.NO_TABLE]


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MOST", 3)
    result = read_people("\n".join(f"p{n}@x.pe" for n in range(9)))
    assert len(result.people) == 3
    assert [problem.what for problem in result.problems] == [people.TOO_MANY]


def test_nothing() -> None:
    assert read_people("") == read_people(" \n\t\n") == people.People((), ())


@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from('@<>,;"\t\n\r\x00'), max_size=300))
def test_anything_can_be_pasted(text: str) -> None:
    result = read_people(text)
    assert len({person.email.casefold() for person in result.people}) == len(result.people)
    for person in result.people:
        assert person.email.count("@") == 1
        assert not {"\r", "\n", " "} & set(person.email)
    assert all(problem.line > 0 for problem in result.problems)


@given(st.lists(st.integers(0, 40), max_size=60))
def test_everybody_is_found_once(numbers: list[int]) -> None:
    result = read_people("\n".join(f"p{number}@x.pe" for number in numbers))
    assert [person.email for person in result.people] == [f"p{number}@x.pe" for number in dict.fromkeys(numbers)]
    assert len(result.problems) == len(numbers) - len(set(numbers))
