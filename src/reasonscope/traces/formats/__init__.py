"""Readers and writers for the trace formats of other projects."""
