"""The other compressions that the paper compares weight compression with (appendix B.3, figure 7)."""
