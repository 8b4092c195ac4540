"""Discord's gateway and its REST API, within their limits."""
