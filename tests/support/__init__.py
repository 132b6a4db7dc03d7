"""Factories, fakes and drivers that several tests share."""
