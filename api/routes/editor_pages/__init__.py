"""The pages of editors: what is there, what is the same, what is out of date, what is missing."""
