"""What a load finds damaged, and how it is mended."""
