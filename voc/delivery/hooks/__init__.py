"""Signed webhooks to other people's programs (Standard Webhooks): ids and links, retries, a log, replay."""
