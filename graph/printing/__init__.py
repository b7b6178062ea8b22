"""A trace as a report: one page first, then its paths, its limits and its sources; as HTML, PDF, PNG and XLSX.

What a page says is plain data, made of a trace's object (`onepage`, `chapters`), so that every form says the same;
`html`, `typeset` and `sheets` lay it out. Words come from `exposure/words`, sentences from `answer`. Nothing here
reads a clock or the network: the same trace gives the same bytes. Read `onepage` first, then `report`.
"""
