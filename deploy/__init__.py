"""Where everything is put together: command line, schedules, demo."""
