"""What other projects took, measured by us on a similar machine (2 virtual cores) at another time.

Only what does not depend on how Temporal's server is set up. Their turns are measured beside Clara's by
``make bench-peers``: the server is tuned for both there, which makes them 1.2 to 1.4 times as fast as by default.
"""

RECOVERY = "openai-agents 62.7, pydantic-ai 32.7 s, with the 3.1 s of the model"
IMPORT = "bare 1.17, openai-agents 2.87, pydantic-ai 2.18 s"
MEMORY = "polling: bare 80, openai-agents 135, pydantic-ai 118 MB RSS"
