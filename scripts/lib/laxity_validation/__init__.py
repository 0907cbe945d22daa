"""The evidence of how close simulation and device come: studies of `laxity validate`, and what is made of their files."""
