"""``clara setup``: a provider and its key, a name, a time zone, Discord; each proven before it is kept."""
