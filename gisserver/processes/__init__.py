"""Processes: questions that take time, asked by OGC API Processes, done now or as a job."""
