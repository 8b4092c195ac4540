"""Chats: what was said in them, and what Clara may do in them beside answering."""
