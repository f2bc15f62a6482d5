"""Names of built-in types of JavaScript's that receivers know by more than a name."""

COMPONENT = "component"  # a function; its one argument is what its properties are
REFERENCE = "reference"  # what `useRef` and `createContext` give; holds one thing
RECORD = "record"  # what `Record<K, V>` is: any member is a V

COMPONENT_TYPES = frozenset(
    {
        "FC",
        "VFC",
        "FunctionComponent",
        "VoidFunctionComponent",
        "ComponentType",
        "ComponentClass",
    }
)
REFERENCE_TYPES = frozenset({"RefObject", "MutableRefObject", "Ref", "Context"})
PROPERTIES_OF = frozenset(
    {"ComponentProps", "ComponentPropsWithoutRef", "ComponentPropsWithRef"}
)
