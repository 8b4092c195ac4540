"""Google Workspace, with the account of the person who asks."""
