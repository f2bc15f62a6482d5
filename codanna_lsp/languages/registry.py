"""Which languages there are, and which one a file is written in.

Invariant: no grammar is imported here; the folders are read once, when first asked.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path

from codanna_lsp.errors import SettingsError
from codanna_lsp.languages.language import Language
from codanna_lsp.settings import EVERY_LANGUAGE, Settings

_CONFIG_PREFIXES = ("tsconfig.", "jsconfig.")  # tsconfig.base.json
_HEADER_BYTES = 65_536  # of a `.h`, enough to tell C++ from C
_NOT_CODE = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?",
    re.DOTALL,
)
_CPLUSPLUS_GUARD = re.compile(
    rb"^[ \t]*#[ \t]*if(?:def[ \t]+|[ \t]+defined[ \t]*\(?[ \t]*)__cplusplus\b.*?"
    rb"(?:^[ \t]*#[ \t]*(?:else|elif|endif)\b|\Z)",
    re.DOTALL | re.MULTILINE,
)
_CPLUSPLUS = re.compile(
    rb"""
      \b(?:class|struct)\s+[A-Za-z_]\w*(?:\s+final)?\s*:\s*(?:public|private|protected|virtual|[A-Za-z_]\w*\s*[{,<:])
    | \bclass\s+(?:[A-Z_]+\s+)?[A-Za-z_]\w*\s*[;{:]
    | \benum\s+class\b
    | \bnamespace(?:\s+[A-Za-z_]\w*(?:::\w+)*)?\s*[{=]
    | \btemplate\s*<
    | \busing\s+[A-Za-z_][\w:\s]{0,200}[;=]
    | \b[A-Za-z_]\w*::~?[A-Za-z_]
    | ^\s*(?:public|private|protected)\s*:
    | \boperator\s*(?:[-+*/%<>=!&|^~\[(]|new\b|delete\b|bool\b)
    | \b(?:constexpr|consteval|decltype|static_cast|dynamic_cast|reinterpret_cast|noexcept)\b
    | [{;:}\n]\s*(?:virtual|explicit|mutable|friend)\s+[\w:~]
    | ^[ \t]*\#[ \t]*include[ \t]*<(?:string|vector|map|memory|utility|iostream|algorithm|functional|cstdint|cstddef|cstdio|cstring|cstdlib|array|unordered_map|optional|type_traits|tuple|set|list|deque|atomic|mutex|thread|chrono|string_view)>
    """,
    re.VERBOSE | re.MULTILINE,
)


def all_languages() -> tuple[Language, ...]:
    """Every language there is, by id."""
    return tuple(_by_id().values())


def get_language(language_id: str) -> Language:
    """The language of this id; KeyError names an id that is unknown."""
    return _by_id()[language_id]


def check_languages(settings: Settings) -> None:
    """Check the ids in the settings that name languages.

    Raises:
        SettingsError: one names languages that there are not.
    """
    named: tuple[tuple[str, Iterable[str]], ...] = (
        ("languagesOff", settings.languages_off),
        ("fallbackOnly", settings.fallback_only),
        ("features", (name for name in settings.features if name != EVERY_LANGUAGE)),
    )
    for key, ids in named:
        unknown = [name for name in ids if name not in _by_id()]
        if unknown:
            raise SettingsError(
                f"setting {key!r} names what is no language here: "
                + ", ".join(map(repr, unknown)),
                key=key,
                advice="known languages: " + ", ".join(_by_id()),
            )


def language_for_lsp_id(lsp_id: str) -> Language | None:
    """The language that an editor calls so ("typescriptreact")."""
    return _by_lsp_id().get(lsp_id)


def language_of(path: str, head: bytes = b"") -> Language | None:
    """The language of a file by its name; a `.h` by its own bytes too.

    `head` is the file's text, or as much of it as there is; only `.h` looks at it.
    """
    name = path.rpartition("/")[2].lower()
    language = _by_file_name().get(name)
    if language is not None:
        return language
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem:
        return None
    if extension == "json" and stem.startswith(_CONFIG_PREFIXES):
        return _by_id().get("project")
    if extension == "h":
        return _by_id().get("cpp" if is_cplusplus(head) else "c")
    return _by_extension().get("." + extension)


def is_cplusplus(text: bytes) -> bool:
    """True when a header's text has what C has not, outside comments and strings.

    What stands behind `#ifdef __cplusplus` proves nothing: C headers have it too.
    """
    code = _CPLUSPLUS_GUARD.sub(b"", _NOT_CODE.sub(b" ", text[:_HEADER_BYTES]))
    return _CPLUSPLUS.search(code) is not None


@cache
def _by_id() -> dict[str, Language]:
    here = Path(__file__).parent
    found: dict[str, Language] = {}
    for folder in sorted(entry.parent.name for entry in here.glob("*/language.py")):
        module = import_module(f"codanna_lsp.languages.{folder}.language")
        for language in module.LANGUAGES:
            found[language.id] = language
    return dict(sorted(found.items()))


@cache
def _by_extension() -> dict[str, Language]:
    return {e: language for language in all_languages() for e in language.extensions}


@cache
def _by_file_name() -> dict[str, Language]:
    return {n: language for language in all_languages() for n in language.file_names}


@cache
def _by_lsp_id() -> dict[str, Language]:
    return {i: language for language in all_languages() for i in language.lsp_ids}
