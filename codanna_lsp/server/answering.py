"""What is answered in which language, as the user's settings say.

Invariant: a file's language is the same here and for the question itself.
"""

from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.session import Place
from codanna_lsp.settings import WORKSPACE_SYMBOL, Settings


def is_answered(ls: CodannaServer, place: Place, feature: str) -> bool:
    """Whether this feature is answered in a file."""
    settings = ls.session.settings
    if not settings.features and not settings.fallback_only:
        return True
    from codanna_lsp.languages.registry import language_for_lsp_id, language_of

    sources = place.root.sources
    text = sources.text(place.path)
    language = language_of(place.path, b"" if text is None else text.source)
    if language is None and place.path in sources.documents:
        language = language_for_lsp_id(sources.documents[place.path].language_id)
    return language is None or settings.answers(feature, language.id)


def searched_languages(settings: Settings) -> tuple[str, ...] | None:
    """The languages whose symbols are found: () is all of them, None is none."""
    if not settings.features and not settings.fallback_only:
        return ()
    from codanna_lsp.languages.registry import all_languages

    ids = [language.id for language in all_languages()]
    return tuple(i for i in ids if settings.answers(WORKSPACE_SYMBOL, i)) or None
