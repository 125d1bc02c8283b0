"""What waits for an editor, and why? Review dates, sources of authority, one work list, the numbers of a dashboard."""
