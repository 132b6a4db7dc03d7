"""Grouping of photos into series: shots, candidate pairs, alignment, clusters, and the kinds of series.

Pure functions over the evidence of many photos; they neither judge a photo nor read files.
"""
