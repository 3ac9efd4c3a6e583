### The words of the settings.
