"""Random hostile input for everything that reads what strangers wrote: `python -m tests.fuzz --minutes 10`."""
