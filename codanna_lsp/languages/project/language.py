"""Project files: their facts are Imports that resolvers read, and no symbols."""

from codanna_lsp.languages.language import Language

LANGUAGES = (
    Language(
        id="project",
        name="Project file",
        extensions=(),
        file_names=(
            "tsconfig.json",
            "jsconfig.json",
            "package.json",
            "go.mod",
            "cargo.toml",
            "pyproject.toml",
        ),
        family="project",
    ),
)
