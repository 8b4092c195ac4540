"""Files of people: what they hold, and what a model is shown of them."""
