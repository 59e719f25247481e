"""The kinds of rule files, one module each: what may stand in it, what it asks for, how its rules combine."""
