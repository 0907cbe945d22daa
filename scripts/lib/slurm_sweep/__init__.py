"""What scripts/sweep_slurm is made of. Python 3.6, standard library."""
