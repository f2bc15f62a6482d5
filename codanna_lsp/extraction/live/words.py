"""What the live tree of an open file tells, as plain data.

Invariant: nothing here refers to a tree; tree_sitter is not imported.
"""

from typing import Literal, NamedTuple

ExpressionKind = Literal[
    "name",  # text: the name
    "member",  # text: the member; parts: (object,)
    "call",  # parts: (callee, *positional arguments); text: types that it is handed
    "new",  # the same of a class
    "item",  # text: the key as written; parts: (container, index)
    "element",  # one of what is iterated; parts: (iterable,)
    "enter",  # what `with` binds; parts: (context manager,)
    "await",  # parts: (awaitable,)
    "literal",  # text: the built-in class; parts: the first element, or key and value
    "choice",  # one of its parts
    "self",  # an instance of the class whose name stands at line, column
    "class",  # the class whose name stands at line, column
    "super",  # the bases of the class whose name stands at line, column
    "instance",  # an instance of what the one part names
    "type",  # text: a type as written
    "value",  # in a type: the type of the one part, which is an expression
    "object",  # an object literal; parts are members whose parts are the values
    "function",  # a function expression; parts: what its body is, when one expression
    "yield",  # what the function at line, column gives when called
    "part",  # a field of Rust's without a name; text: its position; parts: (whole,)
    "handed",  # what a method hands to a closure; text: its name; parts: (object,)
    "argument",  # what is handed over; parts: the callee and, in JavaScript, the call
    # without it; text: "0" for what the callee takes there, "callback 1 0" for what it
    # gives to parameter 1 of argument 0, "handed 1" for parameter 1 of a function of the
    # one part's type
    "predicate",  # what the one part, a function, finds to be so: `x is T`
    "kind",  # which of the one part's types has a member (text: "kind value") so
    "keyword",  # what a component takes as the attribute text; parts: (component,)
    "inline",  # in a type: `{ a: A }`; parts are members whose parts are types
    "unknown",
]


OWN_MODULE = "self::"  # the name that stands for Rust's own module


class Expression(NamedTuple):
    """An expression, as far as receivers need it; nested at most MAX_EXPRESSION_DEPTH.

    line, column: where its last name starts (names are looked up from there).
    """

    kind: ExpressionKind
    text: str
    line: int
    column: int
    parts: "tuple[Expression, ...]" = ()


BindingKind = Literal[
    "parameter",
    "variable",
    "function",
    "class",
    "import",
    "type",
    "type_parameter",
    "namespace",
]

ScopeKind = Literal["file", "function", "class", "block"]


class Binding(NamedTuple):
    """One place that binds a name.

    line ... end_column: the name's span. start_line ... stop_column: what declares it.
    scope: the kind of scope that it binds in.
    declared: the type as written beside it, or "".
    value: what it is bound to, or None where that is not said.
    stars: 1 for a parameter that takes the other positions, 2 for other keywords.
    """

    name: str
    kind: BindingKind
    scope: ScopeKind
    line: int
    column: int
    end_column: int
    start_line: int
    start_column: int
    stop_line: int
    stop_column: int
    declared: str = ""
    value: Expression | None = None
    stars: int = 0


OccurrencePlace = Literal[
    "name",  # a plain name
    "member",  # after a dot; receiver: the object
    "keyword",  # a keyword argument's or object key's name; receiver: what is called
    "definition",  # the name of what is declared here
    "module",  # the module of an import; module: the text up to and with this name
    "imported",  # a name taken by an import; module: where from
    "attribute",  # an attribute that is assigned here; receiver: the object
    "label",
    "macro",  # of Rust, before `!`
    "tag",  # after C's struct, union or enum, where no body follows
]


class Occurrence(NamedTuple):
    """One identifier of the file, and how it stands there.

    module: for imports, the module as an Import has it.
    original: for an imported name, the name inside the module.
    in_type: it stands where a type, or a path's head, is written. is_called: it is called.
    given: in Java, C and C++ what a call hands over, by position; None for no call.
    """

    name: str
    place: OccurrencePlace
    line: int
    column: int
    end_column: int
    receiver: Expression | None = None
    module: str = ""
    original: str = ""
    in_type: bool = False
    is_called: bool = False
    given: tuple[Expression, ...] | None = None


class Owner(NamedTuple):
    """A class or function that encloses a position, by the place of its name."""

    name: str
    kind: Literal["class", "function"]
    line: int
    column: int
