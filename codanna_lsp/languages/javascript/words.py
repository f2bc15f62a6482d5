"""Words that JavaScript and TypeScript share."""

KEYWORDS = frozenset(
    "async await break case catch class const continue debugger default delete do else"
    " export extends false finally for from function get if import in instanceof let"
    " new null of return set static super switch this throw true try typeof undefined"
    " var void while with yield".split()
)
TEST_SUFFIXES = tuple(
    f".{word}.{extension}"
    for word in ("test", "spec")
    for extension in ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts")
)
