"""Finding memories by their words, in whatever language, and whatever somebody types."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from activities.memory.memories import Memories
from clara.memory.kinds import Owner
from store.database import Pool
from store.memory import forgetting, preferences, search
from store.memory.index import Index
from store.memory.search import Place
from store.memory.writing import Draft


async def told(pool: Pool, index: Index, owner: Owner, *texts: str, **options: Any) -> None:
    now = datetime.now(UTC)
    drafts = [
        Draft(text, f"{owner} {text}", "import", created_at=now - timedelta(minutes=number), **options)
        for number, text in enumerate(texts)
    ]
    await Memories(pool, index, None).add(owner, drafts)


async def found(pool: Pool, owner: Owner, query: str, **place: Any) -> list[str]:
    return [memory.text for memory in await search.by_words(pool, Place(owner, **place), query, 10)]


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("I have been painting houses for years.", "Which house did I paint?"),
        ("Wir haben zwei Häuser in Lübeck.", "Wie viele Haeuser oder ein Haus?"),
        ("Mes enfants mangent à la cantine.", "Où mange mon enfant ?"),
        ("Mis hijas estudian en Cádiz.", "¿Qué estudia mi hija?"),
        ("Le mie figlie studiano a Torino.", "Che cosa studia mia figlia?"),
        ("Meus filhos moram em Coimbra.", "Onde mora meu filho?"),
        ("Mijn fietsen staan buiten.", "Waar is mijn fiets?"),
        ("Моя сестра живёт в Казани.", "Где живут мои сёстры?"),
        ("Kızlarım İzmir'de yaşıyor.", "Kızım nerede?"),
        ("妻と二人で京都に住んでいます。", "京都にいるのは誰ですか。"),
        ("我和妻子住在北京。", "北京怎么样？"),
        ("ฉันชอบดื่มชาเขียว", "ชาเขียว"),
        ("저는 서울에서 일해요.", "서울은 어때요?"),
        ("J'habite à Besançon.", "besancon"),
        ("My locker is ４２.", "locker 42"),
    ],
)
async def test_other_forms_of_a_word_are_found_in_every_language(
    pool: Pool, pgvector: Index, owner: Owner, said: str, question: str
) -> None:
    await told(pool, pgvector, owner, said, "zzz qqq")
    assert await found(pool, owner, question) == [said]


async def test_the_rare_word_counts_more_than_the_common_ones(pool: Pool, pgvector: Index, owner: Owner) -> None:
    many = [f"My colleague number {n} likes long walks and tea." for n in range(30)]
    await told(pool, pgvector, owner, *many, "My colleague Annika has a dog.")
    assert (await found(pool, owner, "Which colleague likes tea, or was it Annika?"))[0].startswith("My colleague An")


async def test_readings_and_keywords_are_searched_too(pool: Pool, pgvector: Index, owner: Owner) -> None:
    await told(pool, pgvector, owner, "No meat for me.", reading="is vegetarian", keywords=("diet", "food"))
    assert await found(pool, owner, "vegetarians") == ["No meat for me."]
    assert await found(pool, owner, "foods") == ["No meat for me."]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "the and of to",
        "der die das und",
        "🙂🙂🙂",
        "a & b | !c : * ' \\ <-> ( )",
        "'; drop table memories; --",
        "\\",
        "'",
        "\0",
        "\ud800\udfff",
        "%s %(owner)s",
        "x" * 4_000,
        "word " * 800,
        "\u0301\u0301",
        "\U000e0041",
        "猫" * 2_000,
    ],
)
async def test_nothing_that_is_typed_breaks_a_search(pool: Pool, pgvector: Index, owner: Owner, query: str) -> None:
    await told(pool, pgvector, owner, "I like green tea.", query.replace("\0", "").encode("utf-8", "ignore").decode())
    await search.by_words(pool, Place(owner), query, 10)
    book = await search.for_turn(pool, Place(owner), query, 10, 10)
    assert "I like green tea." in [memory.text for memory in book.newest]
    assert "I like green tea." in await found(pool, owner, f"{query[:500]} tea")


async def test_only_what_may_be_seen_is_found(pool: Pool, pgvector: Index, owner: Owner, stranger: Owner) -> None:
    await told(pool, pgvector, owner, "private tea")
    await told(pool, pgvector, owner, "open tea", private=False)
    await told(pool, pgvector, owner, "tea of a project", kind="project", project="apollo")
    await told(pool, pgvector, stranger, "tea of a stranger")
    assert set(await found(pool, owner, "tea")) == {"private tea", "open tea"}
    assert await found(pool, owner, "tea", open_only=True) == ["open tea"]
    assert "tea of a project" in await found(pool, owner, "tea", projects=("apollo",))
    book = await search.for_turn(pool, Place(owner, (), True, by_preference=True), "tea", 10, 10)
    assert ([m.text for m in book.found], [m.text for m in book.newest]) == (["open tea"], ["open tea"])
    assert book.open_only
    await preferences.share_private(pool, owner, True)
    book = await search.for_turn(pool, Place(owner, (), True, by_preference=True), "tea", 10, 10)
    assert {m.text for m in book.newest} == {"private tea", "open tea"}
    assert not book.open_only


async def test_a_forgotten_memory_leaves_no_word_in_the_search(pool: Pool, pgvector: Index, owner: Owner) -> None:
    await told(pool, pgvector, owner, "my canary is Zebulon", reading="has Zebulon", keywords=("zebulon",))
    (memory,) = await search.by_words(pool, Place(owner), "Zebulon", 5)
    await forgetting.forget(pool, owner, memory.id)
    assert await found(pool, owner, "Zebulon") == []
    async with pool.connection() as connection:
        row = await (
            await connection.execute("select search::text as words from memories where id = %s", (memory.id,))
        ).fetchone()
    assert row == {"words": ""}


async def test_a_turn_reads_the_book_in_one_statement(
    pool: Pool, pgvector: Index, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    from activities.memory.recalling import recall_and_keep
    from clara.memory.recall import RecallRequest

    await told(pool, pgvector, owner, "I like green tea.")
    asked: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def executed(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        if query:  # the pool's look at a connection is empty
            asked.append(str(query))
        return await execute(self, query, *arguments, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", executed)
    request = RecallRequest(turn_id=f"turn {owner}", user_id=owner, query="tea", private=False)
    outcome = await recall_and_keep(Memories(pool, pgvector, None), request, 1_000, timeout=60)
    assert (outcome.count, len(asked)) == (0, 3), asked
