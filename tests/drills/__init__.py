"""Drills: minutes of mutants, of other processors and of broken input, with figures at the end. `make help` names them."""
