"""Schedules: what Clara does at a time that somebody has set, as types and pure rules."""
