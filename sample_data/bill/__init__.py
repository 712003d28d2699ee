"""The bill of a made-up company as a small model: who runs what at what cost a day, and how providers write it down."""
