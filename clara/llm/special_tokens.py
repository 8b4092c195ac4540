"""What model providers write between the parts of a prompt, and what models take for such a mark in plain text.

Providers should refuse these in text, and not all do. The list holds families and not each model's own: where a new
model marks its prompts otherwise, its mark is added here.
"""

LITERAL = (
    # Llama 2 and Mistral
    *("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<s>", "</s>"),
    *("[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]"),
    *("[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
    # Gemma
    *("<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>"),
    # Calls of tools and what they bring, of several makers
    *("<function_calls>", "</function_calls>", "<function_results>", "</function_results>"),
    *("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"),
    *("<system>", "</system>", "<think>", "</think>"),
)
"""Taken as they stand, in whatever case."""

PATTERNS = (
    r"<[|\uff5c][^<>\n]{1,40}[|\uff5c]>",  # ChatML, Llama 3, Qwen, Phi, DeepSeek, GPT: <|im_start|>
    r"</?antml:[a-z_]+",
    r"</?invoke\b",
    r"</?parameter\s+name=",
    r"(?<![^\n])[ \t]*(?:Human|Assistant):",  # turns of old completion prompts, where a line begins
)
"""Regular expressions, in whatever case."""
