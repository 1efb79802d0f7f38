"""Cases, their clocks, and the ledger of obligations."""
