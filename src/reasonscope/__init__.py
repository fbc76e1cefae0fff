"""reasonscope: the observatory for large reasoning models.

The public names are loaded on first use, so that ``import reasonscope`` stays light.
"""

__version__ = "0.1.0"
