"""The explanation of one photo as a picture: layout, overlays, drawing."""
