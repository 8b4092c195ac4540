"""What tools have Clara do on Discord beside answering, and what she reads there for them."""
