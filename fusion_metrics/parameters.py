"""Parameters of metrics as text: what differs from those of a variant is written down, and read again.

Values are JSON, lists standing for tuples, and a word goes without its quotation marks. Of a parameter that has fields
of its own, such as an `EdgeModel`, only the fields that differ are written, each by its path. Where the kind of a value
differs too, its name stands first, with all its fields behind it: ``window=Window()``, ``window.size=7``, and so on.
Nothing that is read is ever run: a kind is looked up among those that the metric has.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_type_hints

import numpy as np

from fusion_metrics.errors import FusionMetricsError, UnknownMetric
from fusion_metrics.printable import printable
from fusion_metrics.registry import list_metrics
from fusion_metrics.spec import MetricSpec

#: In place of a value that cannot be written on a line, such as a function.
UNWRITTEN = "?"

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
_KIND = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\(\)", re.ASCII)
_NOTHING = object()
_SHOWN = 200


def changes_of(own: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, str]:
    """Write down in what parameters differ from others.

    Parameters
    ----------
    own : mapping
        The parameters of a variant; what is missing differs.
    given : mapping
        The parameters in force.

    Examples
    --------
    >>> changes_of({"q": 1.85, "border": "zero"}, {"q": 0.5, "border": "zero"})
    {'q': '0.5'}
    """
    return {
        path: text for name, value in given.items() for path, text in _changes(name, own.get(name, _NOTHING), value)
    }


def with_changes(spec: MetricSpec, changes: Mapping[str, str]) -> dict[str, Any]:
    """Make the parameters that `changes_of` described, from those of a variant.

    Raises
    ------
    FusionMetricsError
        The metric has no such parameter, or a text stands for no value.
    """
    paths = {tuple(path.split(".")): text for path, text in changes.items()}
    for name in dict.fromkeys(path[0] for path in paths):
        if name not in spec.params:
            raise UnknownMetric.named(f"parameter of {spec.name}", name, spec.params)
    return {name: _changed(own, _below(paths, name), spec, name) for name, own in spec.params.items()}


def _below(paths: Mapping[tuple[str, ...], str], name: str) -> dict[tuple[str, ...], str]:
    return {path[1:]: text for path, text in paths.items() if path[:1] == (name,)}


def _fields(value: Any) -> tuple[str, ...]:
    """Name the fields of a value, or of a type, that has some: a named tuple or a dataclass."""
    if dataclasses.is_dataclass(value):
        return tuple(each.name for each in dataclasses.fields(value) if each.init)
    return tuple(getattr(value, "_fields", ()))


def _changes(path: str, own: Any, given: Any) -> Iterator[tuple[str, str]]:
    """Write down in what a value differs from the variant's own."""
    names = _fields(given) if not isinstance(given, type) else ()
    if not names:
        if (written := _written(given)) != _written(own) or (written == UNWRITTEN and given is not own):
            yield path, written
        return
    if type(own) is not type(given):
        yield path, f"{type(given).__name__}()"
        own = None
    for name in names:
        yield from _changes(f"{path}.{name}", _NOTHING if own is None else getattr(own, name), getattr(given, name))


def _written(value: Any) -> str:
    """Write a value as JSON, a word without quotation marks."""
    try:
        text = json.dumps(_plain(value), separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        return UNWRITTEN
    word = text[1:-1]
    if isinstance(value, str) and _WORD.fullmatch(word) and _is_no_json(word):
        return word
    return text.replace("|", "\\u007c")  # only a text can hold it


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, tuple | list) and not _fields(value):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError


def _is_no_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def _read(text: str, spec: MetricSpec, name: str) -> Any:
    """Read what `_written` wrote, or the type that `_changes` named."""
    if text == UNWRITTEN:
        raise FusionMetricsError(f"{spec.id}: the signature says that {name} was changed, but not to what")
    if named := _KIND.fullmatch(text):
        kinds = {each.__name__: each for each in _kinds(spec)}
        if named[1] not in kinds:
            raise UnknownMetric.named(f"kind of value for {name} of {spec.name}", named[1], kinds)
        return kinds[named[1]]
    if _WORD.fullmatch(text) and _is_no_json(text):
        return text
    try:
        return _as_tuples(json.loads(text))
    except (TypeError, ValueError, RecursionError):
        raise FusionMetricsError(f"{spec.id}: '{printable(text[:_SHOWN])}' is no value for {name}") from None


def _as_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        raise TypeError
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


def _changed(own: Any, changes: Mapping[tuple[str, ...], str], spec: MetricSpec, name: str) -> Any:
    """Make the value that `_changes` described."""
    value = _read(changes[()], spec, name) if () in changes else own
    inner = {path: text for path, text in changes.items() if path}
    if not inner and not isinstance(value, type):
        return value
    known = _fields(value)
    for each in dict.fromkeys(path[0] for path in inner):
        if each not in known:
            raise UnknownMetric.named(f"part of {name} of {spec.name}", each, known)
    parts = {
        each: _changed(getattr(value, each, None), _below(inner, each), spec, f"{name}.{each}")
        for each in dict.fromkeys(path[0] for path in inner)
    }
    try:
        if isinstance(value, type):
            return value(**parts)
        made: Any = (
            dataclasses.replace(value, **parts) if hasattr(value, "__dataclass_fields__") else value._replace(**parts)
        )
        return made
    except (TypeError, ValueError) as error:
        raise FusionMetricsError(f"{spec.id}: {name} cannot be made ({printable(str(error))})") from None


def _kinds(spec: MetricSpec) -> set[type]:
    """Collect the types with fields that parameters of a metric may have: as annotated, and as its variants use."""
    found: set[type] = set()
    waiting: list[Any] = [
        type(value)
        for other in list_metrics(variants=True)
        if other.name == spec.name
        for value in other.params.values()
    ]
    waiting += _hints(spec.function)
    while waiting:
        each = waiting.pop()
        if isinstance(each, type) and _fields(each) and each not in found:
            found.add(each)
            waiting += _hints(each)
        else:
            waiting += get_args(each)
    return found


def _hints(annotated: Any) -> list[Any]:
    try:
        return list(get_type_hints(annotated).values())
    except (NameError, TypeError):  # annotations that only a type checker can read
        return []
