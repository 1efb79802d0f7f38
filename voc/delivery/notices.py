"""Texts of notices to colleagues: `templates/<name>/subject.<lang>.txt` and `body.<lang>.txt`.

Variables of `escalation`: `due_text` (when the deadline was, in that person's language), `link`; may be missing: `name`
(whom it is for; None: many), `case_number` (None: feedback that waits to be judged), `who`, `voice`, `company`. For
several at once in the place of `due_text`: `missed` (lines with `clock`, `case_number`, `due_text` and `link`), `count`
and `more`. Those of `rule` beside these: `rule` (its name); there `due_text` is None when no answer is promised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc.core.errors import Invalid
from voc.core.text import shorten, storable
from voc.core.vocabulary import LANGUAGES

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "templates"
OPTIONAL = ("name", "case_number", "who", "voice", "company", "missed")
LONGEST_VOICE = 400


def names() -> frozenset[str]:
    """The notices there are."""
    return frozenset(path.name for path in FOLDER.iterdir() if path.is_dir())


def render(name: str, language: str, variables: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of notice `name`; raises Invalid for an unknown notice or a missing variable."""
    from jinja2 import TemplateNotFound, UndefinedError

    values = {**dict.fromkeys(OPTIONAL), **variables}
    values["voice"] = shorten(storable(str(values["voice"] or "")), LONGEST_VOICE)
    if isinstance(values["case_number"], int):
        values["case_number"] = f"C-{values['case_number']}"
    spoken = language if language in LANGUAGES else "en"
    try:
        subject, body = (
            _environment().get_template(f"{name}/{part}.{spoken}.txt").render(values) for part in ("subject", "body")
        )
    except TemplateNotFound:
        raise Invalid(f"there is no notice {name!r}") from None
    except UndefinedError as error:
        raise Invalid(f"notice {name}: {error}") from None
    return subject.strip(), re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  (plain text; nothing here is ever shown as HTML)
        trim_blocks=False,
    )
