"""Who said it: customers by verified identity, contact points for everybody else."""
