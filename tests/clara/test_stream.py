"""Putting an answer together from frames that may come late, twice or from a lost attempt."""

from clara.stream import Assembly, Frame


def frame(seq: int, text: str = "", attempt: int = 1, step: int = 0, kind: str = "text") -> Frame:
    return Frame.model_validate(
        {
            "conversation": "cli/a",
            "turn": "t",
            "step": step,
            "attempt": attempt,
            "seq": seq,
            "kind": kind,
            "text": text,
        }
    )


def assembled(*frames: Frame) -> Assembly:
    assembly = Assembly()
    for each in frames:
        assembly.add(each)
    return assembly


def test_text_grows_and_repeats_change_nothing() -> None:
    seen = assembled(frame(0, "Hel"), frame(1, "lo"), frame(1, "lo"), frame(0, "Hel"))
    assert seen.text == "Hello"


def test_new_attempt_starts_the_step_anew_and_the_old_one_is_not_heard_again() -> None:
    seen = assembled(frame(0, "First"), frame(0, "Second", attempt=2), frame(1, " late", attempt=1))
    assert seen.text == "Second"


def test_steps_stand_apart_and_the_newest_one_is_the_answer() -> None:
    seen = assembled(frame(0, "Let me look."), frame(1, "current_time", kind="tool"), frame(0, "Noon.", step=1))
    assert seen.text == "Let me look.\n\nNoon."
    assert seen.step_text == "Noon."
    assert seen.tools == ["current_time"]


def test_notice_is_gone_when_the_answer_comes() -> None:
    seen = assembled(frame(0, "busy", kind="notice"))
    assert seen.notice == "busy"
    seen.add(frame(1, "here"))
    assert seen.notice == ""
