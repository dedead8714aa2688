"""The script that the server runs; see app.py for why it rests here."""

from pages.shared.navigation import draw

draw()
