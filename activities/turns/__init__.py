"""What a turn is made of: its context, the model's answer at each step, and its end."""
