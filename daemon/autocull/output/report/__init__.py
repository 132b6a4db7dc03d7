"""The HTML report: cards, histograms, and the page that holds them."""
