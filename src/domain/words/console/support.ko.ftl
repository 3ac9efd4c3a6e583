### The words of the inbox, customers and what is to be told.
