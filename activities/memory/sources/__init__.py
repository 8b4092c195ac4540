"""Where memories of others stand: files, tables, collections. Each gives their items one after the other."""
