"""What surrounds the work of every process that speaks to Temporal: its log, heartbeats, beginning and end."""
