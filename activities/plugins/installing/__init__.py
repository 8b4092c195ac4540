"""Installing plugins: from npm, GitHub and Smithery, each in a box that reaches the registry alone."""
