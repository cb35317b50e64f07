"""The letters that would have been sent, on a page: for the demo and the emulator, on this machine only."""
