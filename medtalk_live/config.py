"""Frozen settings from YAML: unknown keys are refused by name.

``load`` fills a dataclass from a mapping or a file. Command-line options win
over the file; the file wins over the defaults. Pure, any thread.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from medtalk_live.errors import ConfigError, MedTalkError

T = TypeVar("T")


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Raises:
        ConfigError: the file is missing, unreadable, not a mapping, or names a setting twice.
    """
    import yaml

    if path.is_dir():
        raise ConfigError(f"{path} is a folder: give the YAML file in it by its name")
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        names = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
        content = None if node is None else loader.construct_document(node)
    except FileNotFoundError:
        raise ConfigError(f"the file {path} does not exist: check its path") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{path} cannot be read as YAML ({reason}): mend the file") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path} holds a {type(content).__name__}, expected 'name: value' lines")
    for name, count in Counter(names).items():
        if count > 1:  # PyYAML would take the last one without a word
            raise ConfigError(f"{path} sets '{name}' more than once: keep one of the lines")
    return content


def from_mapping(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """Build the dataclass ``kind``; ``where`` names the origin in messages (empty: the call).

    Raises:
        ConfigError: a key is unknown or missing, or the dataclass refuses a value.
        MedTalkError: what the dataclass itself raises, with the origin before it.
    """
    origin = f"{where}: " if where else ""
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    known = [field.name for field in fields]
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are: {', '.join(known)}"
            raise ConfigError(f"{origin}unknown setting '{key}'; {hint}")
    for field in fields:
        if field.name not in values and _needed(field):
            raise ConfigError(f"{origin}'{field.name}' is missing: add it")
    try:
        return kind(**values)
    except MedTalkError as problem:
        raise type(problem)(f"{origin}{problem}") from None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{origin}{error}") from None


def _needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is field.default_factory is dataclasses.MISSING
