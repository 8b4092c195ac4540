"""Documents: text by positions in UTF-16 code units, the styles of its paragraphs and letters, named ranges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.loopback.google.described import Json
from tests.loopback.google.drive import APPS, Drive
from tests.loopback.google.fields import chosen
from tests.loopback.google.server import Call, Handler, refusal
from tests.loopback.http import Respond

DOCUMENT = f"{APPS}document"


@dataclass
class Document:
    units: list[str] = field(default_factory=lambda: ["\n"])
    """A letter beyond the first plane takes two places, of which the second is empty."""
    looks: list[Json] = field(default_factory=lambda: [{}])
    """Of each letter; of a line's end, that of its paragraph."""
    names: dict[str, list[Json]] = field(default_factory=dict)
    revision: int = 1

    @property
    def text(self) -> str:
        return "".join(self.units)

    def insert(self, at: int, text: str) -> None:
        place = at - 1
        end = next(n for n in range(place, len(self.units)) if self.units[n] == "\n")
        units = [unit for letter in text for unit in ([letter, ""] if ord(letter) > 0xFFFF else [letter])]
        looks: list[Json] = [dict(self.looks[end]) if unit == "\n" else {} for unit in units]  # paragraphs inherit
        self.units[place:place] = units
        self.looks[place:place] = looks

    def ends(self, span: Json) -> list[int]:
        """Where the paragraphs end that a span touches."""
        found, inside = [], range(span["startIndex"] - 1, span["endIndex"] - 1)
        begin = 0
        for n, unit in enumerate(self.units):
            if unit == "\n":
                if set(range(begin, n + 1)) & set(inside):
                    found.append(n)
                begin = n + 1
        return found

    def body(self) -> Json:
        content: list[Json] = [{"endIndex": 1, "sectionBreak": {"sectionStyle": {}}}]
        begin = 0
        for n, unit in enumerate(self.units):
            if unit != "\n":
                continue
            look = self.looks[n]
            paragraph: Json = {"elements": self._runs(begin, n + 1)}
            paragraph["paragraphStyle"] = {"namedStyleType": look.get("style", "NORMAL_TEXT")}
            paragraph |= {"bullet": {"listId": look["list"]}} if look.get("list") else {}
            content.append({"startIndex": begin + 1, "endIndex": n + 2, "paragraph": paragraph})
            begin = n + 1
        return {"content": content}

    def _runs(self, begin: int, end: int) -> list[Json]:
        runs: list[Json] = []
        for n in range(begin, end):
            look = {} if self.units[n] == "\n" else self.looks[n]
            if runs and runs[-1]["textRun"]["textStyle"] == look:
                runs[-1]["textRun"]["content"] += self.units[n]
                runs[-1]["endIndex"] = n + 2
            else:
                run = {"content": self.units[n], "textStyle": look}
                runs.append({"startIndex": n + 1, "endIndex": n + 2, "textRun": run})
        return runs


@dataclass
class Docs:
    drive: Drive
    documents: dict[str, Document] = field(default_factory=dict)
    made: int = 0

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"docs.documents.get": self._get, "docs.documents.batchUpdate": self._change}

    def add(self, who: str, title: str, text: str = "", id: str = "doc1") -> str:
        self.drive.add(who, title, DOCUMENT, text.encode(), id=id)
        self.documents[id] = Document()
        if text:
            self.documents[id].insert(1, text)
        return id

    def _of(self, call: Call) -> Document | None:
        id = call.path["documentId"]
        file = self.drive.seen(call.who, id)
        return self.documents.setdefault(id, Document()) if file and file["mimeType"] == DOCUMENT else None

    def _get(self, call: Call) -> Json | Respond:
        document, id = self._of(call), call.path["documentId"]
        if document is None:
            return _NOT_FOUND
        found: Json = {"documentId": id, "title": self.drive.files[id]["name"], "revisionId": f"r{document.revision}"}
        if self.drive.people[id][f"p-{call.who}"]["role"] not in ("owner", "writer"):
            del found["revisionId"]
        lists = {
            "bullet": {"listProperties": {"nestingLevels": [{"glyphSymbol": "●"}]}},
            "number": {"listProperties": {"nestingLevels": [{"glyphType": "DECIMAL"}]}},
        }
        content: Json = {"body": document.body(), "lists": lists}
        if document.names:
            content["namedRanges"] = {
                name: {"name": name, "namedRanges": named} for name, named in document.names.items()
            }
        if call.query.get("includeTabsContent") == "true":
            found["tabs"] = [{"tabProperties": {"tabId": "t.0", "title": "Tab 1"}, "documentTab": content}]
        else:
            found |= content
        shown = chosen(found, call.query.get("fields", "*"))
        assert isinstance(shown, dict)
        return shown

    def _change(self, call: Call) -> Json | Respond:
        document, id = self._of(call), call.path["documentId"]
        if document is None:
            return _NOT_FOUND
        if self.drive.people[id][f"p-{call.who}"]["role"] not in ("owner", "writer"):
            return refusal("403 Forbidden", "forbidden", "The caller does not have permission")
        trial = Document(list(document.units), [dict(each) for each in document.looks], {**document.names})
        try:
            for request in call.body["requests"]:
                ((kind, what),) = request.items()
                self._apply(trial, kind, what)
        except (IndexError, KeyError, StopIteration) as error:
            return refusal("400 Bad Request", "badRequest", f"Invalid requests: {error}")
        trial.revision = document.revision + 1
        self.documents[id] = trial
        return {"documentId": id}

    def _apply(self, document: Document, kind: str, what: Json) -> None:
        size = len(document.units)
        if kind == "insertText":
            at = what["location"]["index"]
            if not 1 <= at <= size or document.units[at - 1] == "":
                raise IndexError(f"Index {at} must be less than the end index of the referenced segment, {size + 1}.")
            assert what["text"]
            document.insert(at, what["text"])
            return
        if kind == "deleteNamedRange":
            _unname(document, what["namedRangeId"])
            return
        span = what["range"]
        if not 1 <= span["startIndex"] < span["endIndex"] <= size + 1:
            raise IndexError(f"{span} of {size + 1}")
        if any(n <= size and document.units[n - 1] == "" for n in (span["startIndex"], span["endIndex"])):
            raise IndexError(f"{span} cuts a letter in two")
        if kind == "createNamedRange":
            self.made += 1
            named = {"namedRangeId": f"n{self.made}", "name": what["name"], "ranges": [span]}
            document.names[what["name"]] = [*document.names.get(what["name"], []), named]
        elif kind == "updateTextStyle":
            assert set(what["fields"].split(",")) == set(what["textStyle"])
            for n in range(span["startIndex"] - 1, span["endIndex"] - 1):
                document.looks[n] |= what["textStyle"]
        else:
            changes: dict[str, Any] = {
                "updateParagraphStyle": {"style": what.get("paragraphStyle", {}).get("namedStyleType")},
                "createParagraphBullets": {"list": "number" if "NUMBER" in what.get("bulletPreset", "") else "bullet"},
                "deleteParagraphBullets": {"list": ""},
            }
            for n in document.ends(span):
                document.looks[n] |= changes[kind]


_NOT_FOUND = refusal("404 Not Found", "notFound", "Requested entity was not found.")


def _unname(document: Document, id: str) -> None:
    kept = {name: [each for each in named if each["namedRangeId"] != id] for name, named in document.names.items()}
    if kept == document.names:
        raise KeyError(id)
    document.names = {name: named for name, named in kept.items() if named}
