"""The wire to a server: the streams of a process in a box, or requests to an address, with what comes bounded."""
