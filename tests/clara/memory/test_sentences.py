"""Sentences as they were written: cut where they surely end, and nowhere else."""

import pytest

from clara.memory.sentences import SPOKEN_LIMIT, cut, together


def texts(message: str) -> list[str]:
    return [sentence.text for sentence in cut(message)]


@pytest.mark.parametrize(
    "message",
    [
        "I like tea.| I live in Rome!| My dog is old.",
        "I do not believe that Dr. Miller is a fraud.| I like tea.",
        "I did not vote for J. F. Kennedy.| He was U.S. President.",
        "I never said No. 5 is my favourite perfume.",
        "I have 2.5 acres.| My brother has none.",
        "I was born in 1990.| My sister is older.",
        "I do not want e.g. Coffee or i.e. Tea.| OK.",
        "Ich mag z. B. keinen Kaffee.| Am 3. Mai ziehe ich um.",
        "Ich kenne Prof. Dr. med. Huber nicht.| Er ist nett.",
        "Ich mag den 1. FC Köln nicht.| Nie!",
        "Je n'aime pas M. Dupont.| J'habite à Paris.",
        "No vivo en EE. UU. Vivo en la Av. Libertad 3.",
        "Я не ем мясо.| Я живу в г. Москва, ул. Ленина, д. 5.",
        "Bu benim Dr. Ahmet değil.| Ben İstanbul'da yaşıyorum.",
        "私は肉を食べません。|東京に住んでいます",
        "我不吃肉。|我住在北京！|你呢？",
        "أنا لا آكل اللحم.| أعيش في القاهرة.",
        "मैं मांस नहीं खाता।| मैं दिल्ली में रहता हूँ।",
        "저는 고기를 먹지 않아요.| 서울에 살아요.",
        "ฉันไม่กินเนื้อสัตว์ ฉันอยู่ที่กรุงเทพ",
        # where it is not sure, nothing is cut
        "I do not believe that\nDr. Miller is a fraud",
        "I do not think... Anna is honest.",
        "I do not think approx. half of them lie.",
        'I never said "I won\'t. Never." to him.| Or so.',
        "I never said (I won't. Never.) to him.",
        "I never said „Ich will nicht. Nie.“ to him.",
        "我没有说“我不喜欢。真的。”这句话",
        "no capitals here. i live in rome",
        "it's 5. May I come in",
        "I love it!!| 😀😀 ok",
        "“我很有钱。”这是谎言。|真的",
        '"I am rich." That is what he says.',
        "(I am rich.) So he says.| OK",
    ],
)
def test_a_message_is_cut_where_its_sentences_surely_end(message: str) -> None:
    wanted = [part.strip() for part in message.split("|")]
    assert texts(message.replace("|", "")) == wanted


def test_each_sentence_is_as_it_was_written_and_so_are_several_together() -> None:
    message = "I like\u00a0tea,  really!\r\n\u202eI live in R\u200bome.   My dog\tis\u2028old\x1d or\rso."
    found = cut(message)
    assert all(sentence.text in message for sentence in found)
    assert together(found) == message


def test_a_link_and_code_leave_an_ellipsis_and_nothing_else_changes() -> None:
    assert texts("I read https://x.example/a?b. I use `vim` and `git push --force` daily.") == [
        "I read ….",
        "I use `vim` and … daily.",
    ]


@pytest.mark.parametrize(
    "message",
    [
        "I do <b>not</b> like tea.",
        "I do `not really` like tea.",
        "I do ```not``` like tea.",
        "I do not believe that\n```\ncode\n```\nworks here.",
        "My mother always says: I am too thin",
        "I never said “I would like to have tea with all of you every single day” to them.",
        "I like \ue000 tea.",
        "I like \ue001 tea.",
    ],
)
def test_a_sentence_with_somebody_elses_words_in_it_is_left_out(message: str) -> None:
    assert texts(message) == []
    assert texts(f"I live in Rome. {message}") == ["I live in Rome."]


def test_what_is_left_out_between_two_sentences_keeps_them_apart() -> None:
    found = cut("I like tea.\n```\nnot\n```\nI live in Rome. I do <b>not</b> lie. My dog is old.")
    assert [sentence.text for sentence in found] == ["I like tea.", "I live in Rome.", "My dog is old."]
    assert len({sentence.paragraph for sentence in found}) == 3


def test_a_long_message_is_read_up_to_a_sentence() -> None:
    message = "\n\n".join(f"I like tea number {n} very much. " * 12 for n in range(10))
    found = texts(message)
    assert sum(map(len, found)) <= SPOKEN_LIMIT
    assert all(text.endswith("much.") for text in found)


@pytest.mark.parametrize("message", ["", " ", "...", "😀😀", "\u200b", "\u202e\u202e", "?!", "\n\n\n", "- \n- "])
def test_where_nothing_is_said_there_is_no_sentence(message: str) -> None:
    assert cut(message) == []
