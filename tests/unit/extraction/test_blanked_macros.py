"""What is blanked before a parse depends on the form of a macro, not on its neighbours.

Patterns are tried only in files that hold one of their words; a form whose word is not
among them is blanked just where another form happens to stand in the same file.
"""

import pytest

from codanna_lsp.extraction.identifiers import find_words
from codanna_lsp.extraction.rules import load_rules
from codanna_lsp.languages.registry import get_language

# What stays is what the grammar reads.
FORMS = {
    "class A_API Widget : public Q {\n};": "class       Widget : public Q {\n};",
    "class a_export Widget;": "class          Widget;",
    "struct A_EXPORT Node;": "struct          Node;",
    "struct PACKED Node {\n};": "struct        Node {\n};",
    "union PACKED Node {\n};": "union        Node {\n};",
    "enum A_API Color { RED };": "enum       Color { RED };",
    "A_API int f(int a);": "      int f(int a);",
    "_PUBLIC_ int f(int a);": "         int f(int a);",
    "_PUBLIC_ NTSTATUS f(int a) {\n}": "         NTSTATUS f(int a) {\n}",
    "PyAPI_FUNC(int) f(int a);": "           int  f(int a);",
    "FLAG(int, port, 80);": "FLAG(     port, 80);",
    "G_BEGIN_DECLS\nint f(int a);": "             \nint f(int a);",
    "TRY {\n}": "    {\n}",
    "static INLINE int f(int a);": "static        int f(int a);",
    "extern CONST int table;": "extern       int table;",
    "inline FORCED int f(int a);": "inline        int f(int a);",
    "int f(int a) PURE {\n}": "int f(int a)      {\n}",
    "int f(int a) const PURE_CALL {\n}": "int f(int a) const           {\n}",
    "void f(int a) __THROW;": "void f(int a)        ;",
    "void (*f)(int a) PRINTF_ATTRIBUTE(3, 0);": "void (*f)(int a)                       ;",
    "char *f(int (*g)(int)) __hot;": "char *f(int (*g)(int))      ;",
    "BOOL WINAPI f(int a);": "BOOL        f(int a);",
    "BOOL APIENTRY f(int a);": "BOOL          f(int a);",
    "BOOL CALLBACK\nf(int a);": "BOOL         \nf(int a);",
    "int __stdcall f(int a);": "int           f(int a);",
    "int __cdecl f(int a);": "int         f(int a);",
    "int A_CALL f(int a);": "int        f(int a);",
    "int A_LIB_CALL\nf(int a);": "int           \nf(int a);",
    "int A_EXPORT f(int a);": "int          f(int a);",
    "static int A_CALLCONV f(int a);": "static int            f(int a);",
    "int A_CALLTYPE\nf(int a);": "int           \nf(int a);",
    "int A_API\nf(int a);": "int      \nf(int a);",
    "int A_CALLCONV\nf\n (int a);": "int           \nf\n (int a);",
    "typedef int (WINAPI *F)(int a);": "typedef int (       *F)(int a);",
    "int (A_CALLCONV * f)(int a);": "int (           * f)(int a);",
    "int A_CDECL f(int a);": "int         f(int a);",
    "int A_STDCALL f(int a);": "int           f(int a);",
    "int f(int a UNUSED);": "int f(int a       );",
    "int f(int a maybe_unused);": "int f(int a             );",
    "int f(int *UNUSED_ARG(a));": "int f(int *           a );",
    "int held GUARDED_BY(lock);": "int held                 ;",
    "int *held PT_GUARDED_VAR;": "int *held               ;",
    "void f(int a) REQUIRES(lock);": "void f(int a)               ;",
    "void f(int a) A_EXCLUDES(lock);": "void f(int a)                 ;",
    "void f(int a) LOCKS_EXCLUDED(lock);": "void f(int a)                     ;",
    "int f OF((int a));": "int f    (int a) ;",
    "int f PARAMS ((int a));": "int f         (int a) ;",
    "int f __P ((int a));": "int f      (int a) ;",
    "int f P_((int a));": "int f    (int a) ;",
    "int f _((int a));": "int f   (int a) ;",
    "class W {\n public slots:\n};": "class W {\n public      :\n};",
    "class W {\n signals:\n int f;\n};": "class W {\n public :\n int f;\n};",
    "static int __init f(void) {\n}": "static int        f(void) {\n}",
    "static __always_inline int f(void) {\n}": "static                 int f(void) {\n}",
    "void __user *f(struct s __iomem *a, int __unused b);": "void        *f(struct s         *a, int          b);",
    "struct s { const char __user *p; spinlock_t c ____cacheline_aligned; };": "struct s { const char        *p; spinlock_t c                      ; };",
    "static const struct s table[] __initconst = { 1 };": "static const struct s table[]             = { 1 };",
    "static struct s x __read_mostly;": "static struct s x              ;",
    "bool __weak f(void) {\n}": "bool        f(void) {\n}",
    "static inline __printf(1, 2) void f(const char *a, ...) {\n}": "static inline                void f(const char *a, ...) {\n}",
    "static __must_check inline int f(void) {\n}": "static              inline int f(void) {\n}",
    "asmlinkage __visible void __init f(void) {\n}": "                     void        f(void) {\n}",
    "int f(void) __releases(l) __acquires(l) {\n}": "int f(void)                             {\n}",
    "struct s { int a; } __packed;": "struct s { int a; }         ;",
    "struct __packed s {\n int a;\n};": "struct          s {\n int a;\n};",
    "int x __attribute__((aligned(8))) = 1;": "int x                             = 1;",
    "enum e { A __attribute__((deprecated)), B };": "enum e { A                            , B };",
    "int f(void) __THROW __attribute__((nonnull(1)));": "int f(void)                                    ;",
    "static _Thread_local int x;": "static               int x;",
    "const T* absl_nonnull f(std::string* absl_nullable b);": "const T*              f(std::string*               b);",
    "void f(uint32_t* A_RESTRICT abcd);": "void f(uint32_t*            abcd);",
    "explicit W(Mutex& mu A_CAPTURED_BY_THIS, int x);": "explicit W(Mutex& mu                   , int x);",
    "nstime_t *A_MUTABLE x = y;": "nstime_t *          x = y;",
    "size_t x A_SILENCE_INIT(0);": "size_t x                  ;",
    "uint32_t x[SIZE] A_ATTR(aligned(16));": "uint32_t x[SIZE]                    ;",
    "desc A_LIB_VARIABLE x = { 1 };": "desc                x = { 1 };",
    "A_EXPORT A_ALLOCATOR A_RETURN\nvoid *f(int a);": "                             \nvoid *f(int a);",
    "extern A_LIBRARY_API uint64_t\nf(int a);": "extern               uint64_t\nf(int a);",
    "int f(int argc     A_UNUSED, char *argv[] A_UNUSED) {\n}": "int f(int argc             , char *argv[]         ) {\n}",
    "template <typename T>\nA_DEPRECATE()\nconstexpr bool f(T a) {\n}": "template <typename T>\n             \nconstexpr bool f(T a) {\n}",
    "namespace a {\nA_BEGIN\nclass W {\n};\nA_END\n}": "namespace a {\n       \nclass W {\n};\n     \n}",
    "static DEFINE_MUTEX(lock);": "static DEFINE_MUTEX lock ;",
    "DEFINE_PER_CPU(struct s, count);": "               struct s  count ;",
    "DECLARE_BITMAP(bits, 64);": "DECLARE_BITMAP bits     ;",
    "static LIST_HEAD(all);": "static LIST_HEAD all ;",
    'DEFINE_bool(verbose, true, "help");': "DEFINE_bool verbose               ;",
    "FMT_CONSTEXPR FMT_INLINE W(int a) : a_(a) {\n}": "                         W(int a) : a_(a) {\n}",
    "constexpr FMT_INLINE W(int a) {\n}": "constexpr            W(int a) {\n}",
    "static RD_INLINE RD_UNUSED const char *\nf(int a) {\n}": "static                     const char *\nf(int a) {\n}",
    "Vec A_UNUSED v(1);": "Vec          v(1);",
    "T f(const T* const A_RESTRICT sorted);": "T f(const T* const            sorted);",
    "template <typename T, A_ENABLE_IF(!is_same<T, g()>::value)>\nint f(T a);": "template <typename T                                      >\nint f(T a);",
    "Mutex m ACQUIRED_AFTER(n);": "Mutex m                  ;",
}

# Calls, and types in upper case.
KEPT = (
    "p = (char *)__talloc(t, n);",
    "p = (char *) __talloc(t, n);",
    "if (p)\n  __free(p);",
    "if (p) RELEASE(p);",
    "else if (p) __free(p);",
    "while (next(p)) __free(p);",
    "for (i = 0; i < n; i++) __free(p[i]);",
    "return (char *) __talloc(t, n);",
    "f((char *) p), __free(p);",
    "DWORD f(int a);",
    "f(WINAPI * 2);",
    "int (CALLBACK_T *f)(int a), b WINAPI;",
    "if (A_INLINE(x)) f();",
    "x = A_INLINE ? y : z;",
    "int __x;",
    "static unsigned long __x, __y;",
    "const foo_t __x = 1;",
    "extern foo_t __x;",
    "struct __foo *p;",
    "__u32 x;",
    "static __le32 f(int a);",
    "u32 f(__u32 a, __be16 b);",
    "unsigned long __f(struct s *s);",
    "u32 notrace_f(int a);",
    "return __x;",
    "x = y * __z;",
    "f(a, __location__, b);",
    "else __f(x);",
    "if (x & FOO_ATTR) f();",
    "SET_ATTR(x);",
    "typedef struct s __s;",
    "goto __end;",
    "case __A:",
    "int a = __b, __c = __d(e);",
    "for_each(x) __f(x);",
    "__f(x);",
    "__typeof__(x) y = x;",
    "#define A static int __init x",
    "f(DEFINE_A(x));",
    "DEFINE_A(x, y) {",
)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_blanked_where_it_stands_alone(form: str) -> None:
    assert prepared(f"{form}\n") == f"{FORMS[form]}\n"


def test_forms_are_blanked_beside_each_other() -> None:
    text = ";\n\n".join(FORMS)
    assert prepared(text) == ";\n\n".join(FORMS.values())


@pytest.mark.parametrize("form", KEPT)
def test_what_looks_like_a_form_is_kept(form: str) -> None:
    text = f"void g(void) {{\n{form}\n}}\n"
    assert prepared(text) == text


def prepared(text: str) -> str:
    language = get_language("cpp")
    prepare = load_rules(language).prepare
    assert prepare is not None
    source = text.encode()
    return prepare(source, find_words(source, language)).decode()
