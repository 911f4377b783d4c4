"""What papers print, and the same tables again with our numbers beside theirs."""
