"""From a message on Discord to an accepted one: in order, none lost, none twice."""
