"""Messages to customers and notices to colleagues: written, sent, retried, and never shown as sent when they failed."""
