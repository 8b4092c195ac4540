"""Azure DevOps, with the account of the person who asks."""
