"""Has a secret in its code."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import Options, hookimpl

from .channel import Good


class Bad(Good):
    options = Options(
        *(
            replace(option, default="s3cret-of-everybody") if option.name == "secret" else option
            for option in Good.options
        )
    )


@hookimpl
def voc_channels():
    return [Bad]
