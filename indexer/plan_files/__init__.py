"""Which plans are in a file as other people keep it? Spreadsheets, CASE, Grep and JSON Lines, read as one draft."""
