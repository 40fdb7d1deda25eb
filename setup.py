"""Hands over to pyproject.toml, for tools that still look for this file."""

from setuptools import setup

setup()
