"""What other projects measured: one durable turn, on a similar machine (2 virtual cores), at another time.

Where a project ran on Temporal, its server had a file database as Clara's has, except for growth and
recovery, which were measured with the server's database in memory.
"""

S1 = "openai-agents on Temporal 111, pydantic-ai on Temporal 128, DBOS 46, LangGraph 23 ms"
S2 = "openai-agents on Temporal 291, pydantic-ai on Temporal 208, DBOS 63, LangGraph 35 ms"
S1_CPU = "with servers: openai-agents 122, pydantic-ai 132, DBOS 52, LangGraph 18 ms"
S2_CPU = "with servers: openai-agents 242, pydantic-ai 222, DBOS 68, LangGraph 33 ms"
PLAIN_S1 = "openai SDK alone, streamed 13 ms"
PLAIN_S2 = "openai SDK alone, streamed 17 ms"

GROWTH = {
    10: "openai-agents 67, pydantic-ai 69, LangGraph 24 ms",
    100: "openai-agents 150, pydantic-ai 159, LangGraph 90 ms",
    300: "openai-agents 371, LangGraph 219 ms; pydantic-ai was closed by the server in turn 253",
}
GROWTH_BYTES = {
    10: "openai-agents 8,200, pydantic-ai 21,000 bytes",
    100: "openai-agents 53,000, pydantic-ai 165,000 bytes",
    300: "openai-agents 149,000 bytes",
}
RESTART = "after 300 turns: bare 2.67 s, openai-agents failed; a new conversation 0.25 s"
RECOVERY = "openai-agents 62.7, pydantic-ai 32.7 s, with the 3.1 s of the model"
IMPORT = "bare 1.17, openai-agents 2.87, pydantic-ai 2.18 s"
MEMORY = "polling: bare 80, openai-agents 135, pydantic-ai 118 MB RSS"
