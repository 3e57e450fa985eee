"""What the ISU, and a State of its own offers, read about a period."""
