"""OAuth 2.1 with a service, in a person's name: a login begun, its tokens gotten, renewed and ended."""
