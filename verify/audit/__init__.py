"""Hold the whole database against the audit trail (``python -m verify audit``)."""
