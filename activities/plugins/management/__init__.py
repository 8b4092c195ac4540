"""What a model can do about plugins: look, find, install, switch on and off, connect."""
