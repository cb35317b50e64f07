"""Drills: minutes of mutants and of broken input, with figures at the end. `make help` names them."""
