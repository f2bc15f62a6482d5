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
