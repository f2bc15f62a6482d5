"""An extraction that an old tree helps gives what one without gives."""

import random

import pytest

from codanna_lsp.extraction import reparse
from codanna_lsp.extraction.captures import Captures
from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.extraction.grammar import load_grammar
from codanna_lsp.extraction.reparse import KeptTrees
from codanna_lsp.languages.registry import get_language

SAMPLES = {
    "python": (
        "class Shape(Base):\n"
        '    """A shape, {n}."""\n\n'
        "    def area_{n}(self, side: int = {n}) -> int:\n"
        "        if side:\n"
        "            return [self.side(x) for x in range(side)]\n"
        "        return f'{{side}} of {n}'\n\n"
    ),
    "javascript": (
        "import {{ thing{n} }} from './thing{n}';\n"
        "export class Basket{n} extends Base {{\n"
        "  // {n} items\n"
        "  total(items) {{ return items.map((i) => `${{i}}` / {n}); }}\n"
        "}}\n\n"
    ),
    "typescript": (
        "export interface Item{n}<T> {{ name: string; of?: T[] }}\n"
        "export function find{n}(all: Item{n}<number>[]): number {{\n"
        "  return all.filter((x) => x.name < 'a{n}').length;\n"
        "}}\n\n"
    ),
    "go": (
        "// Run{n} runs.\n"
        "func (s *Server{n}) Run{n}(name string) error {{\n"
        "\tfor i := range s.items {{\n\t\ts.call(i, name)\n\t}}\n"
        "\treturn nil\n}}\n\n"
    ),
    "rust": (
        "/// Number {n}.\n"
        "pub struct Part{n}<'a> {{ name: &'a str }}\n"
        "impl<'a> Part{n}<'a> {{\n"
        "    pub fn get(&self) -> &str {{ self.name.trim() }}\n"
        "}}\n\n"
    ),
    "java": (
        "class Part{n} extends Base {{\n"
        "  /** Number {n}. */\n"
        "  public int run(int x) {{ return this.call(x) + (int) x * {n}; }}\n"
        "}}\n\n"
    ),
    "c": (
        "/* Number {n}. */\n"
        "struct part_{n} {{ int size; char *name; }};\n"
        "static int run_{n}(struct part_{n} *p) {{\n"
        "    return call(p->name, (size_t) p->size * {n});\n"
        "}}\n\n"
    ),
    "cpp": (
        "template <typename T> class Part{n} : public Base<T> {{\n"
        " public:\n"
        "  int run(const T& x) {{ return call<T>(x) < {n}; }}\n"
        "}};\n\n"
    ),
}
PIECES = (" ", "\n", "(", ")", "{", "}", "a", '"', "'", "    ", "x = 1\n", ";", "//")
EDITS = 30


def sample(language: str) -> str:
    return "".join(SAMPLES[language].format(n=n) for n in range(40))


def edited(text: str, chance: random.Random) -> str:
    """The text after an edit as people make them, or as they never would."""
    lines = text.split("\n")
    first = chance.randrange(len(lines))
    last = min(len(lines), first + chance.randrange(1, 6))
    place = chance.randrange(len(text))
    match chance.randrange(6):
        case 0:
            return text[:place] + chance.choice(PIECES) + text[place:]
        case 1:
            return text[:place] + text[place + chance.randrange(1, 4) :]
        case 2:
            del lines[first:last]
        case 3:
            lines[first:first] = lines[first:last]
        case 4:
            lines[first:last] = [f"    {line}" for line in lines[first:last]]
        case _:
            lines[first] = lines[first].replace("a", "another")
    return "\n".join(lines)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_facts_are_those_of_the_bytes_alone(name: str) -> None:
    language, chance, kept = get_language(name), random.Random(7), KeptTrees()
    text = sample(name)
    for _ in range(EDITS):
        changed = edited(text, chance)
        source = changed.encode()
        helped = extract_facts(source, language, "a", kept=kept)
        assert helped == extract_facts(source, language, "a")
        if not load_grammar(language).parser.parse(source).root_node.has_error:
            text = changed


@pytest.mark.parametrize("name", SAMPLES)
def test_a_line_more_is_parsed_with_the_old_trees_help(name: str) -> None:
    parser = load_grammar(get_language(name)).parser
    old = sample(name).encode()
    new = SAMPLES[name].format(n=77).encode() + old
    made = reparse._reparsed(parser, reparse._Kept(old, parser.parse(old)), new)
    assert made is not None
    assert str(made.tree.root_node) == str(parser.parse(new).root_node)


def test_errors_are_parsed_from_the_start_and_keep_the_tree_before() -> None:
    parser = load_grammar(get_language("python")).parser
    old = sample("python").encode()
    kept = KeptTrees()
    before = kept.parse(parser, old, ("python", "a"))
    broken = kept.parse(parser, b"class (:\n" + old, ("python", "a"))
    assert broken.root_node.has_error
    assert kept.parse(parser, old, ("python", "a")) is before


def test_what_is_kept_has_its_limits() -> None:
    parser = load_grammar(get_language("python")).parser
    old = sample("python").encode()
    kept = KeptTrees()
    count = 2 * reparse.MAX_KEPT_TREES
    trees = [kept.parse(parser, old, ("python", str(n))) for n in range(count)]
    again = [kept.parse(parser, old, ("python", str(n))) for n in range(count)[::-1]]
    still = sum(one is two for one, two in zip(trees, again[::-1], strict=True))
    assert still == min(reparse.MAX_KEPT_TREES, reparse.MAX_KEPT_BYTES // len(old))
    large = old * (reparse.MAX_KEPT_BYTES // len(old) + 1)
    tree = kept.parse(parser, large, ("python", "large"))
    assert kept.parse(parser, large, ("python", "large")) is not tree


@pytest.mark.parametrize("name", SAMPLES)
def test_only_what_is_around_an_edit_is_asked_again(name: str) -> None:
    grammar, key, kept = load_grammar(get_language(name)), (name, "a"), KeptTrees()
    old = sample(name).encode()
    kept.captured(kept.parse(grammar.parser, old, key), grammar.query, key)
    place = old.index(b"\n\n", len(old) // 2) + 2
    new = old[:place] + SAMPLES[name].format(n=77).encode() + old[place:]
    tree = kept.parse(grammar.parser, new, key)
    before = kept._kept[key].before
    assert before is not None
    moved = reparse._moved(grammar.query, tree.root_node, *before)
    assert moved is not None
    anew = reparse.run_query(grammar.query, tree.root_node)
    assert in_order(moved) == in_order(anew)
    assert in_order(kept.captured(tree, grammar.query, key)) == in_order(anew)


def in_order(captures: Captures) -> dict[str, list[tuple[int, int]]]:
    """Tree-sitter gives what it captures in no set order."""
    return {name: sorted(spans) for name, spans in captures.items()}
