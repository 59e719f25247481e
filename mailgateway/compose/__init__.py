"""Values to final bytes: every mail the program sends is built here."""
