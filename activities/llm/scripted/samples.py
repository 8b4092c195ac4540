"""The longer things that the scripted stand-in says."""

from clara.settings.llm import KEY_VARIABLES

WHO = (
    "I am the offline stand-in: a script, not a language model. No real model answers here, so I only show "
    f"how Clara works. To talk to a real model, set one of {', '.join(f'`{name}`' for name in KEY_VARIABLES.values())} "
    "in `.env` and start Clara again; `LLM_PROVIDER` chooses between several."
)

HELP = """\
I am a script, but everything around me is real: what you see is stored, survives a crash, and can be stopped.
Try one of these:

- **What time is it?** uses a tool.
- **Remember a note: water the plants** and **list my notes** use tools that keep something.
- **Read https://example.org** fetches a page. **Search the web for tides** says what that needs.
- **Remind me in ten seconds to stretch** comes back by itself; **list my reminders** shows what will.
- Attach a file and say **keep this file**; later **list my files** and **send me my file NAME**.
- **My name is Ada**, and later **What is my name?** or **What did I say before?** show my memory.
- **Run some Python** runs real code in a sandbox; **run an endless loop** is there to be stopped.
- **Look at this file**, with one attached, has the sandbox read it; **plot this CSV** draws it.
- **Show Markdown** shows formatting and a code block.
- **Tell me a story** or **count to 100** take a while: time enough to stop me, or to kill me and start me again.
- **Who are you?** tells how to configure a real model."""

MARKDOWN = """\
## Markdown

Text can be **bold**, *slanted*, `code` or a [link](https://www.markdownguide.org).

1. Lists can be numbered,
2. and have
   - points inside.

> Quotations stand apart.

| Part | Made of |
|---|---|
| Turn | a workflow |
| Step | an activity |

```python
def greet(name: str) -> str:
    return f"Hello, {name}!"
```

That was all of it."""

STORY = """\
There was once a lighthouse whose keeper never slept at the same hour twice, because the lamp had a habit of going \
out whenever nobody was looking. He tried larger wicks and better oil, and he wrote down every failure in a ledger, \
with the hour, the weather and the number of ships in sight.

One night a storm took the door, the stairs and half the roof, and the keeper was carried off by the wind as far as \
the next village. When he opened his eyes it was noon. He was sure that ships had been lost.

But on the rocks below the lighthouse there was nothing but seaweed. The lamp was burning. Beside it sat the \
fisherman's daughter with the ledger on her knees. She had found it open at the last line, read what the keeper had \
meant to do next, and done it; and then she had read what came after that.

"How did you know where to begin?" the keeper asked.

"You had written down what was finished," she said. "So the rest was easy."

After that the keeper slept well. He still kept the ledger, every hour and every drop of oil, though the lamp went \
out no more often than other lamps do. And whenever he was asked for the secret of the light that never failed, he \
said that it failed all the time, and that this was not the same thing as being dark."""
