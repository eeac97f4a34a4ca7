"""Prefect flows: schedule, retries, concurrency, artifacts. They never call each other; they meet in the store."""
