"""The measuring instruments of the reader: run by `make quality`, not by `make test`."""
