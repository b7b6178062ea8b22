"""Work that takes a while, and what it tells of its progress; the room knows no domain. Read `progress` first."""
