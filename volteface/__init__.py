"""volteface: who changed position, from what to what, in whose words."""

__version__ = "0.1.0"
