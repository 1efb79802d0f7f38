"""The way of one piece of feedback, on one page each: process, judge, correct, reconcile, verify."""
