"""Settings: what a user may choose, checked where it comes in.

Invariant: a Settings value is always valid; bad input is a SettingsError that names
the key.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self, cast

from codanna_lsp.errors import SettingsError

_INDEX_PLACES = ("cache", "workspace", "memory")
_MAX_SHOWN = 100
_LARGE = 10**15
_WATCH_MODES = ("auto", "client", "server", "off")
# An empty table of Lua's or Lisp's arrives as an empty list.
_EMPTY_TABLES: tuple[object, ...] = ([], ())

WORKSPACE_SYMBOL = "workspaceSymbol"
DEFINITION = "definition"
DOCUMENT_SYMBOL = "documentSymbol"
FEATURES = (WORKSPACE_SYMBOL, DEFINITION, DOCUMENT_SYMBOL)
EVERY_LANGUAGE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings with their defaults; JSON keys are the camelCase names.

    index_folder: parent folder of all indexes, a whole path or from `~`; "" is the user's cache folder.
    index_place: "cache", "workspace" (`.codanna/`, authenticated) or "memory".
    max_file_size_bytes: larger source files are listed, not read.
    max_files: a root with more is not walked whole.
    jobs: worker processes of an index run; 0 is one a core.
    exclude: more ignore patterns, in gitignore's form.
    use_ignore_files: honour .gitignore and .ignore.
    languages_off: ids of languages that are not indexed.
    features: by language id, the FEATURES that are answered; "*" is all other languages.
    fallback_only: ids of languages that another server of the user answers for: they
        are indexed, and not answered for.
    symbol_limit: most symbols of one workspace/symbol answer (1 to 1000).
    watch: who watches files: "auto", "client", "server" or "off".
    debounce_ms: how long file events are gathered.
    log_level: "error", "warning", "info" or "debug".
    """

    index_folder: str = ""
    index_place: str = "cache"
    max_file_size_bytes: int = 4_000_000
    max_files: int = 200_000
    jobs: int = 0
    exclude: tuple[str, ...] = ()
    use_ignore_files: bool = True
    languages_off: tuple[str, ...] = ()
    features: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    fallback_only: tuple[str, ...] = ()
    symbol_limit: int = 128
    watch: str = "auto"
    debounce_ms: int = 100
    log_level: str = "info"

    @classmethod
    def from_json(cls, given: Any) -> Self:
        """Check a JSON object of settings.

        Raises:
            SettingsError: a key is unknown or its value has the wrong type or range.
        """
        return cls().updated(given)

    def updated(self, given: Any) -> Self:
        """These settings with the given JSON keys laid over them (see `from_json`)."""
        if given is None or given in _EMPTY_TABLES:
            return self
        if not isinstance(given, Mapping):
            raise SettingsError(
                f"settings must be a JSON object, not {type(given).__name__}",
                key="",
                advice='send {"codanna": {...}} or leave them out',
            )
        known = {_json_key(field.name): field.name for field in fields(self)}
        changes: dict[str, Any] = {}
        for key, value in cast("Mapping[object, object]", given).items():
            name = known.get(str(key))
            if name is None:
                raise SettingsError(
                    f"unknown setting {_shown(key)}",
                    key=str(key),
                    advice="known settings: " + ", ".join(sorted(known)),
                )
            changes[name] = _checked(str(key), getattr(self, name), value)
        result = replace(self, **changes)
        _check_ranges(result)
        return result

    def answers(self, feature: str, language: str) -> bool:
        """Whether a feature is answered in the files of a language, by its id."""
        if language in self.fallback_only:
            return False
        others = self.features.get(EVERY_LANGUAGE, FEATURES)
        return feature in self.features.get(language, others)

    def may_answer(self, feature: str) -> bool:
        """Whether a feature is answered in any language at all."""
        named = [self.features.get(EVERY_LANGUAGE, FEATURES), *self.features.values()]
        return any(feature in features for features in named)

    @property
    def worker_count(self) -> int:
        """Worker processes that an index run starts, at least 1."""
        return self.jobs or os.cpu_count() or 1


def _json_key(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _checked(key: str, default: object, value: object) -> object:
    if isinstance(default, Mapping):
        return _checked_features(key, value)
    if isinstance(default, tuple):
        strings = _strings(value)
        if strings is None:
            raise SettingsError(f"setting {key!r} must be a list of strings", key=key)
        return strings
    if type(value) is not type(default):
        wanted: dict[type, str] = {
            bool: "true or false",
            int: "a whole number",
            str: "a string",
        }
        raise SettingsError(
            f"setting {key!r} must be {wanted[type(default)]}, not {_shown(value)}",
            key=key,
        )
    return value


def _shown(value: object) -> str:
    """A bad value as the user is told of it: a name for it where it is long."""
    if isinstance(value, str):
        return repr(value if len(value) <= _MAX_SHOWN else value[:_MAX_SHOWN] + "…")
    if isinstance(value, int | float) and -_LARGE < value < _LARGE:
        return str(value)
    kinds: dict[type, str] = {list: "a list", dict: "an object", type(None): "null"}
    return kinds.get(type(value), "a number like that")


def _strings(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    items = cast("Sequence[object]", value)
    strings = tuple(item for item in items if isinstance(item, str))
    return strings if len(strings) == len(items) else None


def _checked_features(key: str, value: object) -> Mapping[str, tuple[str, ...]]:
    given: object = dict[object, object]() if value in _EMPTY_TABLES else value
    if not isinstance(given, Mapping):
        raise SettingsError(
            f"setting {key!r} must be an object from languages to features, not "
            f"{_shown(value)}",
            key=key,
            advice=f'as in {{"python": ["{WORKSPACE_SYMBOL}"]}}',
        )
    checked: dict[str, tuple[str, ...]] = {}
    for language, named in cast("Mapping[object, object]", given).items():
        features = _strings(named)
        strange = [one for one in features or () if one not in FEATURES]
        if features is None or strange:
            raise SettingsError(
                f"setting {key!r} for {_shown(language)} must be a list out of "
                f"{', '.join(FEATURES)}, not {_shown(strange[0] if strange else named)}",
                key=key,
            )
        checked[str(language)] = features
    return checked


def _is_whole_path(folder: str) -> bool:
    try:
        return Path(folder).expanduser().is_absolute()
    except RuntimeError:  # `~nobody`: no user, or none with a home
        return False


def _check_ranges(settings: Settings) -> None:
    folder = settings.index_folder
    if folder and not _is_whole_path(folder):
        raise SettingsError(
            f"setting 'indexFolder' must be a whole path, not {_shown(folder)}",
            key="indexFolder",
            advice="an editor starts the server in any folder",
        )
    choices = (
        ("indexPlace", settings.index_place, _INDEX_PLACES),
        ("watch", settings.watch, _WATCH_MODES),
        ("logLevel", settings.log_level, ("error", "warning", "info", "debug")),
    )
    for key, text, allowed in choices:
        if text not in allowed:
            raise SettingsError(
                f"setting {key!r} must be one of {', '.join(allowed)}, "
                f"not {_shown(text)}",
                key=key,
            )
    bounds = (
        ("maxFileSizeBytes", settings.max_file_size_bytes, 1, 1 << 30),
        ("maxFiles", settings.max_files, 1, 10_000_000),
        ("jobs", settings.jobs, 0, 256),
        ("symbolLimit", settings.symbol_limit, 1, 1000),
        ("debounceMs", settings.debounce_ms, 0, 60_000),
    )
    for key, number, low, high in bounds:
        if not low <= number <= high:
            raise SettingsError(
                f"setting {key!r} must be from {low} to {high}, not {_shown(number)}",
                key=key,
            )
