"""The plugin host: which plugins are switched on, and how their code is run without being trusted (decision 0026)."""
