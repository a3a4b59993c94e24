"""Vertical slices: one folder per thing a user works with."""
