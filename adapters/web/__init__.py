"""The web service: the page on which logins end, and whether Clara is well."""
