"""Google Cloud: standard and detailed usage cost exports."""
