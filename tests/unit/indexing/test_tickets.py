"""Facts that were overtaken do not count."""

from codanna_lsp.indexing.tickets import Tickets


def test_a_newer_ticket_of_one_file_beats_all_older_ones() -> None:
    tickets = Tickets()
    run = tickets.draw()
    assert tickets.is_newest("a", run)
    save = tickets.draw_for("a")
    assert not tickets.is_newest("a", run)
    assert tickets.is_newest("a", save)
    assert tickets.is_newest("b", run)
    assert tickets.is_newest("a", tickets.draw())
