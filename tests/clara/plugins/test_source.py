"""What people type to install a plugin."""

import pytest

from clara.errors import UserError
from clara.plugins.source import LONGEST_NAME, Source, checked_name, default_name, parse

NPM, GITHUB = {"kind": "npm"}, {"kind": "github", "owner": "modelcontextprotocol", "repository": "servers"}


@pytest.mark.parametrize(
    ("text", "meant", "name"),
    [
        ("smithery:exa", {"kind": "smithery", "package": "exa"}, "exa"),
        ("Smithery:@upstash/context7-mcp", {"kind": "smithery", "package": "@upstash/context7-mcp"}, "context7"),
        ("smithery-hosted:@smithery/notion", {"kind": "smithery-hosted", "package": "@smithery/notion"}, "notion"),
        (
            "@modelcontextprotocol/server-everything",
            {**NPM, "package": "@modelcontextprotocol/server-everything"},
            "everything",
        ),
        ("tavily-mcp@0.2.1", {**NPM, "package": "tavily-mcp", "version": "0.2.1"}, "tavily"),
        ("npm:left-pad@latest", {**NPM, "package": "left-pad", "version": "latest"}, "left-pad"),
        ("@a/b@^1.2 --root '/home/user/my notes'", {**NPM, "package": "@a/b", "version": "^1.2"}, "b"),
        ("github.com/modelcontextprotocol/servers", GITHUB, "servers"),
        ("https://github.com/modelcontextprotocol/servers.git", GITHUB, "servers"),
        ("github.com/modelcontextprotocol/servers/src/memory", {**GITHUB, "folder": "src/memory"}, "memory"),
        ("github.com/modelcontextprotocol/servers@v1/x", {**GITHUB, "ref": "v1/x"}, "servers"),
        (
            "https://github.com/modelcontextprotocol/servers/tree/main/src/memory/",
            {**GITHUB, "ref": "main", "folder": "src/memory"},
            "memory",
        ),
        ("https://mcp.example.org/mcp", {"kind": "http", "url": "https://mcp.example.org/mcp"}, "example"),
        ("http://127.0.0.1:8000/mcp?x=1", {"kind": "http", "url": "http://127.0.0.1:8000/mcp?x=1"}, "127-0-0"),
        ("command:/usr/bin/notes --quiet", {"kind": "command", "arguments": ("/usr/bin/notes", "--quiet")}, "notes"),
    ],
)
def test_each_form_is_understood_and_gives_a_name(text: str, meant: dict[str, object], name: str) -> None:
    source = parse(text)
    given = source.model_dump(exclude_defaults=True)
    if source.kind == "npm":
        given.pop("arguments", None)
    assert given == meant
    assert default_name(source) == name
    assert checked_name(name) == name


def test_words_after_a_source_are_arguments_of_its_server() -> None:
    assert parse("@a/b --root '/home/user/my notes'").arguments == ("--root", "/home/user/my notes")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Which plugin?"),
        ("x" * 2000, "names no plugin"),
        ("a\nb", "names no plugin"),
        ("say 'hello", "quotation mark"),
        ("../../etc/passwd", "names no plugin"),
        ("$(reboot)", "names no plugin"),
        ("-g", "names no plugin"),
        ("--registry=http://evil.example", "names no plugin"),
        ("name@--registry=x", "names no plugin"),
        ("smithery:", "name that Smithery has"),
        ("smithery:a/../b", "name that Smithery has"),
        ("command:", "the program"),
        ("https://", "no address"),
        ("https://host:99999/mcp", "no address"),
        ("https://ann:secret@host/mcp", "no password"),
        ("https://host/mcp?api_key=4711", "as a header"),
        ("https://host/mcp --fast", "takes no arguments"),
        ("github.com/a/b/../../c", "no folder"),
        ("github.com/a/..", "no folder"),
        ("github.com/a/b/tree/main@v2", "FOLDER@BRANCH"),
    ],
)
def test_what_names_no_plugin_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        parse(text)


def test_every_source_gives_a_name_that_can_be_used() -> None:
    for package in ("server-", "mcp", "@x/---", "a" * 200, "@x/" + "b-" * 90, "~"):
        assert len(checked_name(default_name(Source(kind="npm", package=package)))) <= LONGEST_NAME


@pytest.mark.parametrize("name", ["", "-a", "a--b", "a_b", "ünder", "x" * 33, "a b"])
def test_a_name_that_tools_could_not_carry_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="small letters"):
        checked_name(name)
    assert checked_name(" Notes-2 ") == "notes-2"
