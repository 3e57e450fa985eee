"""From events to figures, and how long both are kept."""
