"""Questions that are asked long after: sixty by hand, and six hundred of a whole life, in several languages."""
