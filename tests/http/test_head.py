"""HEAD is GET without the body, on a real server and a connection that is kept open."""

import logging


def test_head_has_the_headers_of_get_and_leaves_the_connection_usable(site, caplog):
    with caplog.at_level(logging.ERROR):
        for path in ("/v1/search?q=fall", "/", "/v1/roles", "/v1/finnes-ikke"):
            head = site.head(path)
            get = site.get(path)
            assert head.status_code == get.status_code
            assert head.content == b""
            assert head.headers["content-type"] == get.headers["content-type"]
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
