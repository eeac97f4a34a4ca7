"""How the shipped direction model is trained. Not part of the installed product."""
