"""Measures voc in ratios against two yardsticks that run beside it: `python -m bench`. Not shipped."""
