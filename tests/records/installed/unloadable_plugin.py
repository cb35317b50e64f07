"""A plugin whose module breaks when it is loaded."""

raise RuntimeError("maya@northfield.example")
