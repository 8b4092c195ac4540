"""What the parts measure with: processes, a model, a bare baseline, and clocks."""
