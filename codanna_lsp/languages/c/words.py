"""Words that C and C++ share."""

KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for"
    " goto if inline int long register restrict return short signed sizeof static"
    " struct switch typedef union unsigned void volatile while _Bool define elif endif"
    " error ifdef ifndef include pragma undef".split()
)
BUILTIN_TYPES = frozenset(
    "bool int8_t int16_t int32_t int64_t ptrdiff_t size_t ssize_t uint8_t uint16_t"
    " uint32_t uint64_t wchar_t".split()
)
