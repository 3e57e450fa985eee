"""What is written down of each page, and how it becomes events."""
