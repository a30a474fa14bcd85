"""The clips, by family. Importing this package fills `CLIPS`; its order is the order of rendering."""
