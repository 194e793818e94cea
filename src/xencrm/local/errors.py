"""What can go wrong on one machine, told in one line."""


class LocalRunError(Exception):
    """Something that the person at the terminal has to know or do; its text is one clear line."""
