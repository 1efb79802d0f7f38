"""Build step: adds the packages that live in mapped folders and compiles the message catalogues.

`plugins/` is shipped as `voc_plugins` and `migrations/` as `voc_migrations`; `packages = find:` cannot see
mapped names, so this step lists them. Catalogues are kept as readable `.po` and compiled here.
"""

from pathlib import Path

from setuptools import find_packages
from setuptools.command.build_py import build_py


def compile_catalogues(root: Path) -> list[Path]:
    """Compile every `messages.po` below `root` beside itself and return the written `.mo` files."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    written = []
    for source in sorted(root.rglob("messages.po")):
        with source.open("rb") as stream:
            catalogue = read_po(stream, locale=source.parent.parent.name)
        target = source.with_suffix(".mo")
        with target.open("wb") as stream:
            write_mo(stream, catalogue)
        written.append(target)
    return written


class BuildPy(build_py):
    """The stock build_py with the two additions above."""

    def finalize_options(self) -> None:
        distribution = self.distribution
        for name, folder in {key: value for key, value in distribution.package_dir.items() if key}.items():
            below = [f"{name}.{inner}" for inner in find_packages(folder)]
            distribution.packages = list(dict.fromkeys([*distribution.packages, name, *below]))
        super().finalize_options()

    def run(self) -> None:
        compile_catalogues(Path("voc"))
        super().run()
