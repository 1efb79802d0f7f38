"""What a plugin says, said in another language: recognized as a whole, or left as it is."""

from __future__ import annotations

import pytest

from tests.growth import grows_linearly
from voc.plugin_host.sentences import Sentence, reworded, sentences_of
from voc.plugin_host.texts import read_texts

TABLE = sentences_of(
    {
        "{first} · {second}": "{first} · {second}",
        "reading: {why}": "lectura: {why}",
        "{host}, port {port} did not answer": "{host} no respondió en el puerto {port}",
        "the folder is gone": "la carpeta ya no está",
        "the folder {name} is gone": "falta la carpeta {name}",
    }
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("the folder is gone", "la carpeta ya no está"),
        ("the folder Spam is gone", "falta la carpeta Spam"),
        ("mx.example, port 993 did not answer", "mx.example no respondió en el puerto 993"),
        ("reading: the folder is gone", "lectura: la carpeta ya no está"),
        (
            "reading: the folder Spam is gone · the folder is gone",
            "lectura: falta la carpeta Spam · la carpeta ya no está",
        ),
        ("reading: 550 go away", "lectura: 550 go away"),
        # Not the whole sentence, nothing in the place of a name, other letters: not this sentence.
        ("The folder is gone", "The folder is gone"),
        ("the folder is gone.", "the folder is gone."),
        ("the folder  is gone", "the folder  is gone"),
        ("reading: ", "reading: "),
        ("", ""),
        ("{why}", "{why}"),
        ("reading: {why}", "lectura: {why}"),
    ],
)
def test_a_sentence_is_recognized_or_stays(said: str, meant: str) -> None:
    assert reworded(said, [TABLE]) == meant


def test_what_a_name_stands_for_is_not_filled_in_again() -> None:
    """A value that looks like a name of the sentence is only a value."""
    assert reworded("{port}, port {host} did not answer", [TABLE]) == "{port} no respondió en el puerto {host}"


def test_the_first_that_fits_counts_and_the_first_table_comes_first() -> None:
    early, late = sentences_of({"it {a}": "1 {a}", "it is": "2"}), sentences_of({"it is": "3", "no": "4"})
    assert [reworded(said, [early, late]) for said in ("it is", "no")] == ["1 is", "4"]


def test_a_sentence_in_itself_ends() -> None:
    again = sentences_of({"x{a}": "x{a}!"})
    assert reworded("x" * 50, [again]) == "x" * 50 + "!" * 5


@pytest.mark.parametrize(("end", "fits"), [("", False), ("z", True)])
def test_long_and_hostile_texts_take_linear_time(end: str, fits: bool) -> None:
    many = Sentence.of("a{b}a{c}a{d}a{e}a{f}a{g}a{h}z", "{b}")
    assert (many.fit("a" * 200_000 + end) is not None) == fits
    assert grows_linearly(lambda size: many.fit("a" * size + end), 200_000)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("{a}", "{a}"), (" {a} ", "x {a}"), ("a {b}{c}", "{b} {c}"), ("a {b} c {b}", "{b}"), ("a {b}", "{c}"), ("a", ""),
     ("", "x"), ("x".join("{" + chr(97 + n) + "}" for n in range(9)), "x")],
)  # fmt: skip
def test_what_is_no_sentence_is_refused(pattern: str, said: str) -> None:
    with pytest.raises(ValueError, match="sentence"):
        Sentence.of(pattern, said)


def test_plugin_toml_holds_them() -> None:
    found, wrong = read_texts({"es": {"sentences": {"gone: {why}": "falta: {why}"}}, "pt": {"title": "x"}})
    assert wrong == []
    assert reworded("gone: Spam", [found["es"].sentences]) == "falta: Spam"
    assert found["pt"].sentences == ()
    for bad in ({"sentences": []}, {"sentences": {"a": 5}}, {"sentences": {"{a}": "{a}"}}, {"sentences": {"a": ""}}):
        assert read_texts({"es": bad})[1] != []
