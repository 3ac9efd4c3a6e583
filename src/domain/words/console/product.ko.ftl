### The words of themes, the backlog and stories.
