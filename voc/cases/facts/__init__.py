"""What plugins are told of a feedback, its case and its customer: read here and nowhere else."""
