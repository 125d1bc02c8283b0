"""What stands on a page: its tags, for tests."""

from html.parser import HTMLParser


class Outline(HTMLParser):
    """Start tags with their attributes, and ids."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [a for t, a in self.tags if t == tag]
