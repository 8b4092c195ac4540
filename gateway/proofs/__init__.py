"""Whether keys, tokens and addresses work: tried out against the services that they are for."""
