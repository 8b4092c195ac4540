"""What is measured: one module a part of the account."""
