"""The pages ``docs/scripts/``: what each script of the field computes, how to get its numbers, what to take instead.

Columns, variants, how they are computed and cited come from the registry; the words beside them are in
``scripts.toml``.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from benchmark.errors import BenchmarkError
from benchmark.pages.metrics import without_tex
from benchmark.tables import markdown_table
from fusion_metrics import MetricSpec
from fusion_metrics.grey import GREY_RULES
from fusion_metrics.references import reference
from fusion_metrics.registry import find
from fusion_metrics.scripts import Script, find_script, list_scripts
from fusion_metrics.signature import signature_of
from fusion_metrics.spec import DEFAULT_VARIANT

INDEX = """# Scripts

Made by `fmbench list --page scripts > docs/scripts/index.md`, a test holds it against the code.

Tables of the field are computed with a few scripts that everybody copies, and these disagree under the same names. Each
has a page that says what its columns are, and a name that stands for all of them:

```
fmbench score path/to/database --metrics cddfuse
```

prints the table that the script prints. [Side by side on one picture](../which-script.md) they are on a page of their
own; [I got other numbers than the paper](../identify.md) finds out which of them made a table.
"""

PAGE = """# {name}

Made by `fmbench list --page scripts/{name} > docs/scripts/{name}.md`, a test holds it against the code.

{title}: [{place}]({address}), {state}. It goes with {cites}.

{notes}

## Get its numbers

```
fmbench score path/to/database --metrics {name}
fmbench score --a MR/ --b PET/ --fused fused/ --metrics {name} --signature
```

The first scores a [database](../databases.md), the second folders of pictures. The table has the script's columns in
its order, and `--signature` prints below it what a paper should say of each:

```
{signature}
```

A column alone is asked for by its variant, such as `--metrics {one}`.
"""


@dataclass(frozen=True)
class Words:
    """What a page says that is not declared elsewhere.

    Attributes
    ----------
    reads : str
        How a file becomes grey pixels.
    differs : tuple of str
        What differs from the publications and matters, a sentence or two each.
    tables : str
        Which tables were made with the script, as far as that was shown.
    recognised : str
        How its numbers are told from others.
    instead : str
        What to know beyond the published definitions; may be empty.
    """

    reads: str
    differs: tuple[str, ...]
    tables: str
    recognised: str
    instead: str = ""


@functools.cache
def words() -> Mapping[str, Words]:
    """Read ``scripts.toml``."""
    text = files("benchmark.pages").joinpath("scripts.toml").read_text(encoding="utf-8")
    return {
        name: Words(
            reads=about["reads"].strip(),
            differs=tuple(about["differs"]),
            tables=about["tables"].strip(),
            recognised=about["recognised"].strip(),
            instead=about.get("instead", "").strip(),
        )
        for name, about in tomllib.loads(text).items()
    }


def index_page(scripts: Sequence[Script]) -> str:
    """Write the page that leads to the others."""
    rows = []
    for script in scripts:
        link = f"[`{script.name}`]({script.name}.md)" if script.name in words() else f"`{script.name}`"
        rows.append((link, script.title, script.state, ", ".join(script.columns)))
    return f"{INDEX}\n{markdown_table(('script', 'what it is', 'state', 'columns'), rows)}\n"


def script_page(script: Script) -> str:
    """Write the page of one script.

    Raises
    ------
    BenchmarkError
        There are no words about it.
    """
    if script.name not in words():
        raise BenchmarkError(f"no page about {script.name}: it belongs to another package")
    about = words()[script.name]
    specs = {column: find(identifier) for column, identifier in script.columns.items()}
    last = list(specs.values())[-1]
    signature = str(signature_of(last)).rpartition("=")[0] + "=..."
    head = PAGE.format(
        name=script.name,
        title=script.title[:1].upper() + script.title[1:],
        place=script.address.removeprefix("https://"),
        address=script.address,
        state=script.state,
        cites=_work(script.cites),
        notes=script.notes,
        signature=signature,
        one=last.id,
    )
    lines = [head, "## What it computes", ""]
    rows = [_row(column, spec) for column, spec in specs.items()]
    lines += [markdown_table(("column", "variant", "definition", "what it computes"), rows)]
    lines += ["", "## How it reads pictures", "", about.reads, "", *_rule(script)]
    lines += ["## What differs from the publications", "", *(f"- {sentence}" for sentence in about.differs), ""]
    lines += [
        "Numbers for one picture, each beside that of the publication: [which-script.md](../which-script.md).",
        "",
    ]
    lines += ["## Which tables were made with it", "", about.tables, ""]
    lines += ["## How its numbers are told from others", "", about.recognised, ""]
    lines += ["`fmbench identify` holds a table against all of them: [identify.md](../identify.md).", ""]
    lines += ["## What we recommend instead", "", *_instead(list(specs.values()), about)]
    return "\n".join(lines).rstrip("\n") + "\n"


def page_of(name: str) -> str:
    """Write ``scripts``, the page that leads to all, or ``scripts/NAME``.

    Raises
    ------
    UnknownMetric
        There is no such script.
    """
    _, of_one, script = name.partition("/")
    return script_page(find_script(script)) if of_one else index_page(list_scripts())


def _row(column: str, spec: MetricSpec) -> tuple[str, ...]:
    definition = f"[`{spec.name}`](../metrics.md#{spec.name})"
    return column, f"`{spec.id}`", definition, _computes(spec)


def _computes(spec: MetricSpec) -> str:
    """Say what a column is; of an alias, what it is computed as."""
    if not spec.alias_of:
        return spec.variant_summary
    other = find(spec.alias_of)
    if other.variant == DEFAULT_VARIANT:
        return f"As published: the same as `{other.id}`."
    return f"The same as `{other.id}`. {other.variant_summary}"


def _work(cites: str) -> str:
    work = reference(cites)
    found = f"{without_tex(work.authors.split(',')[0])} {work.year}, *{without_tex(work.title)}*"
    return found + (f", [{work.doi}](https://doi.org/{work.doi})" if work.doi else "")


def _rule(script: Script) -> list[str]:
    if script.reads not in GREY_RULES:
        return []
    summary = GREY_RULES[script.reads].summary
    return [f"The variants above do the same of themselves: their grey is `{script.reads}`, {summary}.", ""]


def _instead(specs: Sequence[MetricSpec], about: Words) -> list[str]:
    published = list(dict.fromkeys(spec.name for spec in specs))
    return [
        "The published definitions, which have one meaning each, and whose direction, bounds and odd cases are stated:",
        "",
        "```",
        f"fmbench score path/to/database --metrics {','.join(published)} --signature",
        "```",
        "",
        "A table says what it holds if its caption, or the supplement, has the signatures.",
        "",
        about.instead,
    ]
