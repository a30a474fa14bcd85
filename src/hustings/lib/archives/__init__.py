"""Archives: a ZIP that survives being killed, a reader that believes no stranger's, and the check of an export."""
