"""How good an analyzer is: labelled lines in, figures out, by language and source, with their intervals. Pure.

Reading is in `reading`, counting in `tally` (over `confusion` and `calibration`), chance in `resampling`, what is shown
in `report` and `writing`.
"""
