"""Figures of speed, growth and recovery, measured on real processes beside a bare baseline: ``make bench``."""
