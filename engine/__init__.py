"""The read side: retrieve, fuse, explain, recommend."""
