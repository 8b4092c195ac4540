"""Cuts what Clara's queries use out of GitHub's published GraphQL schema.

    npm pack @octokit/graphql-schema && tar xzf octokit-graphql-schema-*.tgz
    python -m tests.loopback.github.graphql_excerpt package

It writes ``schema.graphql`` here. The schema is published under the MIT license, which goes along.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_interface_type,
    is_object_type,
    is_union_type,
    parse,
    print_ast,
    visit,
)

from activities.github import queries

FILE = Path(__file__).with_name("schema.graphql")
QUERIES = {name: query for name, query in vars(queries).items() if name.isupper() and not name.startswith("_")}


class _Used(Visitor):
    """The fields of each type that are asked for, and the types that values have."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.fields: dict[str, set[str]] = {}
        self.types: set[str] = set()

    def enter_field(self, node: Any, *_: Any) -> None:
        parent, definition = self._info.get_parent_type(), self._info.get_field_def()
        if parent is None or definition is None or node.name.value.startswith("__"):
            return
        self.fields.setdefault(parent.name, set()).add(node.name.value)
        self.types.add(get_named_type(definition.type).name)
        self.types |= {get_named_type(argument.type).name for argument in definition.args.values()}

    def enter_inline_fragment(self, *_: Any) -> None:
        if (found := self._info.get_type()) is not None:
            self.types.add(get_named_type(found).name)


def excerpt(schema: GraphQLSchema, documents: list[DocumentNode]) -> str:
    info = TypeInfo(schema)
    used = _Used(info)
    for document in documents:
        visit(document, TypeInfoVisitor(info, used))
    kept = {"Query", "Mutation", *used.fields, *used.types}
    for name in list(kept):
        kept |= _behind(schema, name)
        if isinstance(found := schema.type_map[name], GraphQLInterfaceType):
            kept |= {each.name for each in schema.get_possible_types(found)}
            used.fields.setdefault(name, {"id"})  # none is asked for, and a type must have one
    return "\n\n".join(filter(None, (_cut(schema, name, used.fields, kept) for name in sorted(kept))))


def _behind(schema: GraphQLSchema, name: str) -> set[str]:
    """The types of an input's fields, with theirs."""
    found = schema.type_map[name]
    if not isinstance(found, GraphQLInputObjectType):
        return set()
    named = {get_named_type(field.type).name for field in found.fields.values()}
    return named.union(*(_behind(schema, each) for each in named))


def _cut(schema: GraphQLSchema, name: str, used: dict[str, set[str]], kept: set[str]) -> str:
    found: Any = schema.type_map[name]
    if found.ast_node is None:
        return ""  # one that every schema has
    node = _bare(found.ast_node)
    if is_object_type(found) or is_interface_type(found):
        asked = set(used.get(name, ()))
        for above in found.interfaces:  # what an interface is asked for, each of its types has
            asked |= used.get(above.name, set()) if above.name in kept else set()
        fields = tuple(each for each in node.fields or () if each.name.value in asked)
        above = tuple(each for each in node.interfaces or () if each.name.value in kept)
        node = replace(node, fields=fields, interfaces=above)
    if is_union_type(found):
        node = replace(node, types=tuple(each for each in node.types if each.name.value in kept))
    return print_ast(node)


def _bare(node: Any) -> Any:
    """Without descriptions and directives, all the way down."""
    changes: dict[str, Any] = {"description": None, "directives": ()}
    for below in ("fields", "arguments", "values"):
        if hasattr(node, below):
            changes[below] = tuple(_bare(each) for each in getattr(node, below) or ())
    return replace(node, **{key: to for key, to in changes.items() if hasattr(node, key)})


if __name__ == "__main__":
    package = Path(sys.argv[1])
    license_lines = "".join(f"# {line}".rstrip() + "\n" for line in (package / "LICENSE.md").read_text().splitlines())
    whole = build_schema((package / "schema.graphql").read_text(), assume_valid=True)
    cut = excerpt(whole, [parse(query) for query in QUERIES.values()])
    FILE.write_text(f"# Cut out of @octokit/graphql-schema by graphql_excerpt.py.\n#\n{license_lines}\n{cut}\n")
