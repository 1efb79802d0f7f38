"""Reading stored receipts once more and only looking: what is stored, beside what the code would say now."""
