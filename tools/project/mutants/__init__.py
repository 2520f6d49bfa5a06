"""Mutation testing: change one thing in `src/`, and see whether a test fails.

`make mutants` runs the tests that execute what a mutant changes, in a copy of the project. Existing tools were tried:
mutmut 3.8 skips decorated functions and the top of modules, so that four of the handlers had no mutant at all;
cosmic-ray 8.7 changes neither texts nor calls, and spends a third of its mutants on unions of types.
"""
