"""Personal data is marked on its columns, so that export and erasure can be held to the marks."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, MetaData, Table

from voc.model import metadata

# A column called like this, or whose name has this as a part, holds something about or by a person.
TELLING = {
    "address",
    "author",
    "body",
    "email",
    "facts",
    "handle",
    "headers",
    "ip",
    "phone",
    "recipient",
    "reply",
    "subject",
    "text",
    "value",
    "words",
    "comment",
    "reason",
    "error",
}
# Tables about people: what they are called there is a person's name.
PEOPLE = {"customer", "contact_point", "identity", "user"}
# Not data about a person: keys, times, hashes, who of us did it.
PLAIN_ENDINGS = ("_id", "_at", "_hash", "_by", "_key")
# Columns with a telling name that hold nothing of a person, each with its reason.
NOT_PERSONAL = {
    "channel.health_text": "how the channel is, in the host's words",
    "channel.tested_text": "what the test of its connection said",
    "counter.value": "a number",
    "plugin_choice.reason": "why an administrator keeps a plugin out, about the plugin",
    "plugin_report.facts": "figures, our own words, and names of exceptions without what they say",
    "topic.words": "words of the taxonomy",
    "topic_version.words": "words of the taxonomy",
    "message.header_id": "our own Message-ID",
}


# Tables that migrations make and models do not know, with what erasing a person has to do about them.
BESIDE_THE_MODELS = {
    "feedback_search": "the words of feedback: rows go with the feedback's, `voc.search.index.reindex` follows an edit",
    "feedback_fts": "SQLite's index of them: `voc.search.index.squeeze` rewrites it without what is gone",
}


def unmarked(tables: MetaData) -> Iterator[str]:
    """Columns that look personal and carry no mark."""
    for table in tables.sorted_tables:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if looks_personal(table, column) and not column.info.get("personal") and name not in NOT_PERSONAL:
                yield name


def looks_personal(table: Table, column: Column[object]) -> bool:
    """Whether the name says that this is about or by a person."""
    if column.name.endswith(PLAIN_ENDINGS):
        return False
    if column.name == "name":
        return table.name in PEOPLE
    return bool(TELLING & set(column.name.split("_")))


def test_every_personal_column_is_marked() -> None:
    assert list(unmarked(metadata)) == []


def test_exceptions_exist() -> None:
    columns = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    assert set(NOT_PERSONAL) - columns == set()


def test_tables_beside_the_models_are_known(house: Any) -> None:
    migrations = "".join(source.text for source in house.sources("migrations"))
    made = set(re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", migrations))
    assert made == set(BESIDE_THE_MODELS)
    named = re.findall(r"`(voc[.\w]+)\.(\w+)`", " ".join(BESIDE_THE_MODELS.values()))
    assert [name for module, name in named if not hasattr(importlib.import_module(module), name)] == []


def test_rule_finds_what_it_is_for() -> None:
    made_up = MetaData()
    from sqlalchemy import Text

    Table("customer", made_up, Column("name", Text), Column("home_address", Text), Column("id", Text))
    Table(
        "team", made_up, Column("name", Text), Column("author_id", Text), Column("text", Text, info={"personal": True})
    )
    assert list(unmarked(made_up)) == ["customer.name", "customer.home_address"]
