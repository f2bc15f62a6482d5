"""Types as receivers have them, and what built-in containers hold and give."""

import builtins
from typing import Literal, NamedTuple

TypeKind = Literal["module", "class", "instance", "function", "super", "outside"]


class Type(NamedTuple):
    """One thing that an expression may be.

    path, symbol: its place; "" and -1 for what is built in or lies outside.
    name: of a built-in class ("list") or method ("dict.get"), else "".
    arguments: type arguments of a class or instance, each a choice of types.
    owner: for a method, what it was taken from.
    """

    kind: TypeKind
    path: str = ""
    symbol: int = -1
    name: str = ""
    arguments: "tuple[Types, ...]" = ()
    owner: "tuple[Type, ...]" = ()


Types = tuple[Type, ...]

OUTSIDE = Type("outside")
MAX_TYPES = 8  # of one choice

ARRAY_SIGN = "[]"  # what `T[]` and `[]T` are
MAP_SIGN = "map[]"  # what `map[K]V` is

# The classes of typing and collections, by the container that they behave like.
_CONTAINERS = {
    ARRAY_SIGN: "list",
    MAP_SIGN: "dict",
    "Vec": "list",
    "SmallVec": "list",
    "ArrayVec": "list",
    "BinaryHeap": "list",
    "IndexSet": "list",
    "IndexMap": "dict",
    "IntoIterator": "list",
    "DoubleEndedIterator": "list",
    "ExactSizeIterator": "list",
    "VecDeque": "list",
    "HashSet": "list",
    "BTreeSet": "list",
    "HashMap": "dict",
    "BTreeMap": "dict",
    "vector": "list",
    "unordered_map": "dict",
    "unordered_set": "list",
    "ArrayList": "list",
    "LinkedList": "list",
    "TreeMap": "dict",
    "LinkedHashMap": "dict",
    "Stream": "list",
    "List": "list",
    "Sequence": "list",
    "MutableSequence": "list",
    "Collection": "list",
    "Iterable": "list",
    "Iterator": "list",
    "AsyncIterator": "list",
    "AsyncIterable": "list",
    "Generator": "list",
    "AsyncGenerator": "list",
    "Reversible": "list",
    "Set": "list",
    "set": "list",
    "frozenset": "list",
    "FrozenSet": "list",
    "AbstractSet": "list",
    "MutableSet": "list",
    "KeysView": "list",
    "ValuesView": "list",
    "Deque": "list",
    "deque": "list",
    "Array": "list",
    "ReadonlyArray": "list",
    "ReadonlySet": "list",
    "IterableIterator": "list",
    "ContextManager": "list",
    "AbstractContextManager": "list",
    "AsyncContextManager": "list",
    "AbstractAsyncContextManager": "list",
    "Dict": "dict",
    "Mapping": "dict",
    "MutableMapping": "dict",
    "DefaultDict": "dict",
    "defaultdict": "dict",
    "OrderedDict": "dict",
    "WeakValueDictionary": "dict",
    "Map": "dict",
    "ReadonlyMap": "dict",
    "WeakMap": "dict",
    "Record": "record",
    "Tuple": "tuple",
    "Promise": "awaitable",
    "PromiseLike": "awaitable",
    "Awaitable": "awaitable",
    "Coroutine": "awaitable",
    "Future": "awaitable",
    "Task": "awaitable",
}
BUILT_IN_NAMES = frozenset(dir(builtins))
CONTAINER_NAMES = frozenset(_CONTAINERS) | {"list", "dict", "tuple"}


# Names that JavaScript's own library or its hosts declare.
JAVASCRIPT_NAMES = frozenset(
    """
    Array ArrayBuffer Atomics BigInt Blob Boolean Buffer DataView Date Error EvalError
    Event EventTarget File FormData Function Headers Infinity Intl Iterator JSON Map
    Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp
    Request Response Set String Symbol SyntaxError TypeError URIError URL
    URLSearchParams Uint8Array Float32Array Float64Array Int32Array Uint16Array
    Uint32Array WeakMap WeakRef WeakSet WebSocket Worker __dirname __filename alert
    arguments clearInterval clearTimeout console decodeURI decodeURIComponent document
    encodeURI encodeURIComponent eval exports fetch global globalThis isFinite isNaN
    localStorage location module navigator parseFloat parseInt performance process
    queueMicrotask require requestAnimationFrame sessionStorage setImmediate
    setInterval setTimeout structuredClone undefined window
    """.split()
)


# Names that Rust's prelude declares, and methods that nearly any type of its library
# has: of something unknown they are not another type's.
RUST_NAMES = frozenset(
    "None Some Ok Err Option Result Vec String Box Default Iterator Clone Copy".split()
)
RUST_METHODS = frozenset(
    """
    and_then as_bytes as_mut as_ref as_slice as_str chars clone cloned cmp collect copied
    default enumerate eq err expect expect_err filter filter_map fmt fold for_each hash
    into into_bytes into_iter is_err is_none is_ok is_some iter iter_mut len map map_err
    map_or ok ok_or ok_or_else partial_cmp to_owned to_string to_vec try_into unwrap
    unwrap_err unwrap_or unwrap_or_default unwrap_or_else zip
    """.split()
)
RUST_MACROS = frozenset(
    """
    assert assert_eq assert_ne concat dbg debug_assert debug_assert_eq debug_assert_ne
    eprint eprintln env format format_args include include_bytes include_str line matches
    panic print println stringify todo unimplemented unreachable vec write writeln
    """.split()
)
RUST_PRIMITIVES = frozenset(
    """
    bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize
    """.split()
)


# Rust's types that hand on the members of their one argument, or are seen through.
RUST_WRAPPERS = frozenset(
    """
    Arc AtomicPtr Box CachePadded Cell Cow Lazy LazyCell LazyLock ManuallyDrop
    MaybeUninit Mutex MutexGuard NonNull OnceCell OnceLock Option Pin Poll Rc Ref
    RefCell RefMut Result Reverse RwLock RwLockReadGuard RwLockWriteGuard UnsafeCell
    Weak Wrapping
    """.split()
)


def container(name: str, arguments: tuple[Types, ...]) -> Type:
    """An instance of a built-in container, under the name that it behaves like."""
    if name == "Coroutine":
        arguments = arguments[-1:]
    return Type("instance", name=_CONTAINERS.get(name, name), arguments=arguments)


def list_of(items: Types) -> Type:
    """A list of such items."""
    return Type("instance", name="list", arguments=(items,))


def union(*choices: Types) -> Types:
    """The types of several choices, each once, at most MAX_TYPES."""
    found = dict.fromkeys(one for choice in choices for one in choice)
    return tuple(found)[:MAX_TYPES]


def elements_of(one: Type) -> Types:
    """What iterating over a built-in container gives."""
    if one.name == "tuple":
        return union(*one.arguments)
    if one.name in ("list", "dict") and one.arguments:
        return one.arguments[0]
    return ()


def held_by(one: Type, name: str) -> Types | None:
    """What a property of a built-in thing is; None where it has no such one.

    Any of a record; `current` of what `useRef` gives, `Provider` of a context.
    """
    if one.name == "record":
        return one.arguments[1] if len(one.arguments) > 1 else ()
    if one.name == "reference" and name == "current":
        return union(*one.arguments[:1])
    if one.name == "reference" and name == "Provider":
        takes = Type("instance", name="record", arguments=((), *one.arguments[:1]))
        return (Type("function", name="component", arguments=((takes,),)),)
    return None


def item_of(one: Type, key: str) -> Types:
    """What a built-in container gives for a key as written."""
    if one.name in ("dict", "record") and len(one.arguments) > 1:
        return one.arguments[1]
    if one.name == "tuple":
        if key.lstrip("-").isdigit() and -len(one.arguments) <= int(key) < len(
            one.arguments
        ):
            return one.arguments[int(key)]
        return (one,) if ":" in key else union(*one.arguments)
    if one.name == "list" and one.arguments:
        return (one,) if ":" in key else one.arguments[0]
    return ()


_ITEM_METHODS = frozenset(
    {"pop", "popleft", "get", "setdefault", "find", "at", "shift", "findLast", "next"}
)
_SAME_METHODS = frozenset(
    {"copy", "reverse", "filter", "slice", "concat", "sort", "toSorted", "union"}
)


def result_of(method: Type) -> Types:
    """What a method of a built-in container ("dict.get") gives when called."""
    kind, _, name = method.name.partition(".")
    arguments = method.arguments
    if len(arguments) < 1:
        return ()
    if name in _SAME_METHODS:
        return (Type("instance", name=kind, arguments=arguments),)
    if kind == "dict" and len(arguments) > 1:
        if name in ("items", "entries"):
            return (
                list_of((Type("instance", name="tuple", arguments=arguments[:2]),)),
            )
        if name in ("keys", "values"):
            return (list_of(arguments[name == "values"]),)
        return arguments[1] if name in _ITEM_METHODS else ()
    if name == "values":
        return (list_of(arguments[0]),)
    return arguments[0] if name in _ITEM_METHODS else ()
